"""The part of f0001-queue.sh that asks: greenlaned with a sandbox that is slow, and with a destination that never answers."""

import json
import os
import re
import signal
import socket
import sys
import threading
import urllib.request

from tap import PATIENCE, Relay, Tap, run, wait_for

tap = Tap()
names = iter(range(1, 100000))


def read(name):
    with open(name, encoding='utf-8') as file:
        return file.read()


def write(name, text):
    with open(name, 'w', encoding='utf-8') as file:
        file.write(text)


def us(importer='00-1234567'):
    text = read('us.xml').replace('GL0000101', f'GL{next(names) + 3000000:07d}')
    return text.replace('00-1234567', importer).encode()


def mx():
    number = next(names)
    text = re.sub('<FunctionalReferenceID>[^<]*', f'<FunctionalReferenceID>GLMX-2026-{number:06d}', read('mx.xml'))
    return re.sub('FA-2026-[0-9]*', f'FA-2026-{number:04d}', text).encode()


def faults(**what):
    url = f'{os.environ["CONTROL"]}/faults'
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(what).encode(), method='POST'), timeout=PATIENCE):
        pass


def submit(relay, to, data):
    answer = relay.ask('POST', f'/v1/declarations?to={to}', data)
    if answer.status != 201:
        print(f'Bail out! not taken: {answer.status} {answer.text}')
        sys.exit(3)
    return answer.json['id']


def page(relay, name):
    return relay.ask('GET', f'/v1/declarations/{name}').json


def state(relay, name):
    return page(relay, name)['filings'][0]['state']


def left_at(relay, name):
    """When it began to be sent; '' as long as it has not."""
    for change in page(relay, name)['filings'][0]['history']:
        if change['to'] == 'sending':
            return change['at']
    return ''


class Silence:
    """An address where connections are taken and nothing is ever said."""

    def __init__(self):
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=64)
        self.taken = []
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        while True:
            self.taken.append(self.listener.accept()[0])

    @property
    def address(self):
        return f'https://localhost:{self.listener.getsockname()[1]}'


def deadline(relay):
    text = re.sub(r'(US\.ETA</StatementCode>\s*<StatementDescription>)[0-9]+', r'\g<1>20260724', us().decode())
    name = submit(relay, 'us-ace', text.encode())
    tap.equal(page(relay, name)['filings'][0].get('deadline'), '2026-07-24T04:00:00.000Z', 'the day of arrival in New York is its deadline')


def flood():
    """One thread sends, slowly, and expedited filings are never wanting: the standard one goes when its time is over."""
    faults(slow_ms=150)
    relay = Relay('--set', 'dispatchers=1', '--set', 'queue-floor=1s')
    submit(relay, 'us-ace', us())
    slow = submit(relay, 'us-ace', us('00-7654321'))
    fast = [submit(relay, 'us-ace', us()) for _ in range(16)]
    lanes = [page(relay, name)['lane'] for name in (slow, fast[0])]
    tap.equal(lanes, ['standard', 'expedited'], 'one is standard, the flood is expedited')
    wait_for(lambda: left_at(relay, slow))
    faults(slow_ms=0)
    wait_for(lambda: left_at(relay, fast[-1]))
    times = [left_at(relay, name) for name in fast]
    tap.ok(all(times), 'all are sent in the end', times)
    tap.ok('' < left_at(relay, slow) < times[-1], 'the standard one before those that came long after it', [left_at(relay, slow), times])
    tap.ok(times == sorted(times), 'the expedited ones in their order', times)
    deadline(relay)
    tap.equal(relay.stop(), 0, 'and it ends', relay.said())


def silence():
    """ACE takes connections and says nothing; VUCEM goes on."""
    hung = Silence()
    text = re.sub('https://localhost:[0-9]+', hung.address, read('identity-alfa.xml'))
    write('identity-hung.xml', text.replace('name="alfa"', 'name="hung"').replace('value="10s"', 'value="10min"').replace(
        '"endpoint.ca"', '"endpoint.connect-timeout" value="10min"/>\n  <setting name="endpoint.ca"'))
    relay = Relay('--set', 'dispatchers=4', '--set', 'destination-share=2')
    for words in (['identities', 'remove', 'alfa'], ['identities', 'add', 'identity-hung.xml'], ['bindings', 'add', 'alfa', 'hung']):
        status, out, err = run(*words)
        tap.equal(status, 0, ' '.join(words), out + err)
    stuck = [submit(relay, 'us-ace', us()) for _ in range(6)]

    def sending():
        return sum(state(relay, name) == 'sending' for name in stuck)
    wait_for(lambda: sending() >= 2)
    name = submit(relay, 'mx-vucem', mx())
    wait_for(lambda: state(relay, name) == 'closed')
    tap.equal(state(relay, name), 'closed', 'the other destination is served', relay.said())
    tap.equal(sending(), 2, 'of the one that hangs no more than its share is being sent')
    tap.equal(sum(state(relay, one) == 'queued' for one in stuck), 4, 'the rest waits in the queue')
    relay.stop(signal.SIGKILL)


flood()
silence()
sys.exit(tap.done())
