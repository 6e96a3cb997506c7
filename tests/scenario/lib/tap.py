"""TAP for what scenarios do in Python: one process instead of many. Imported by the programs beside it.

  tap = Tap(); tap.ok(good, 'text', why); tap.done()
  relay = Relay(*options)         greenlaned in the present folder, on a free port; the PKI lies in ./pki
  relay.ask('POST', '/v1/...', body)  ->  Answer: status, type, headers, text, json
  run('check', 'x.xml')           greenlane; returns (exit status, stdout, stderr)
"""

import atexit
import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time

BUILD = os.environ['GREENLANE_BUILDDIR']
PATIENCE = 60  # seconds; also under sanitizers on a busy machine


class Tap:
    """Counts and prints."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, text, why=''):
        self.count += 1
        print(f'{"ok" if good else "not ok"} {self.count} - {text}', flush=True)
        if not good:
            self.failed += 1
            for line in str(why).splitlines()[:40]:
                print(f'# {line[:600]}')
        return good

    def equal(self, got, wanted, text, why=''):
        return self.ok(got == wanted, text, f'got:    {got!r}\nwanted: {wanted!r}\n{why}')

    def has(self, whole, part, text):
        return self.ok(part in whole, text, f'not in it: {part}\nit is: {whole}')

    def done(self):
        print(f'1..{self.count}')
        return 1 if self.failed else 0


def wait_for(question, seconds=PATIENCE):
    """Until question() is true; what it said last."""
    end = time.monotonic() + seconds
    said = question()
    while not said and time.monotonic() < end:
        time.sleep(0.02)
        said = question()
    return said


def run(*words, program='greenlane', stdin=None, **more):
    done = subprocess.run([os.path.join(BUILD, program), *words], input=stdin, capture_output=True, check=False,
                          stdin=None if stdin is not None else subprocess.DEVNULL, timeout=PATIENCE * 2, **more)
    return done.returncode, done.stdout.decode('utf-8', 'replace'), done.stderr.decode('utf-8', 'replace')


class Answer:
    """Of one request."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.type = response.headers.get('Content-Type', '')
        self.text = response.read().decode('utf-8', 'replace')

    @property
    def json(self):
        try:
            return json.loads(self.text)
        except ValueError:
            return {}


class Relay:
    """A greenlaned of our own."""

    def __init__(self, *options, log='relay.log', environment=None):
        self.log = log
        self.options = options
        self.environment = environment
        self.process = None
        self.port = 0
        atexit.register(self.end)
        self.start()

    def start(self, *more):
        with open(self.log, 'wb') as file:
            self.process = subprocess.Popen([os.path.join(BUILD, 'greenlaned'), *self.options, *more], stdout=file, stderr=file,
                                            stdin=subprocess.DEVNULL, env=dict(os.environ, **(self.environment or {})))
        ready = wait_for(lambda: re.search(r'is ready on [^ ]*:(\d+)["\n]', self.said()) or self.process.poll() is not None)
        if not ready or self.process.poll() is not None:
            print(f'Bail out! greenlaned did not start: {self.said()[-400:]}')
            sys.exit(3)
        self.port = int(ready.group(1))

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def said(self):
        with open(self.log, encoding='utf-8', errors='replace') as file:
            return file.read()

    def context(self, client='alfa'):
        tls = ssl.create_default_context(cafile='pki/ca.pem')
        if client is not None:
            tls.load_cert_chain(f'pki/client-{client}.pem', f'pki/client-{client}.key')
        return tls

    def connect(self, client='alfa'):
        return http.client.HTTPSConnection('localhost', self.port, context=self.context(client), timeout=PATIENCE)

    def ask(self, method, path, body=None, client='alfa', **headers):
        connection = self.connect(client)
        try:
            connection.request(method, path, body, {name.replace('_', '-'): value for name, value in headers.items()})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def stop(self, how=signal.SIGTERM):
        """The exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE)
