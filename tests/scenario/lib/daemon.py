"""The part of q0001-daemon.sh that asks: one greenlaned after the other on one ledger, and a sandbox that is told to fail."""

import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
import urllib.request

from tap import BUILD, PATIENCE, Answer, Relay, Tap, run, wait_for

tap = Tap()
names = iter(range(1, 100000))
SAMPLE = re.compile(r'(greenlane_[a-z_]+)(\{[a-z]+="[^"\\]*"(?:,[a-z]+="[^"\\]*")*\})? (-?[0-9.]+)')


def read(name):
    with open(name, encoding='utf-8') as file:
        return file.read()


def fresh_us():
    return read('us.xml').replace('GL0000101', f'GL{next(names) + 2000000:07d}').encode()


def fresh_mx():
    number = next(names)
    text = re.sub('<FunctionalReferenceID>[^<]*', f'<FunctionalReferenceID>GLMX-2026-{number:06d}', read('mx.xml'))
    return re.sub('FA-2026-[0-9]*', f'FA-2026-{number:04d}', text).encode()


def sandbox(path, body=None):
    data = json.dumps(body).encode() if body is not None else b''
    with urllib.request.urlopen(urllib.request.Request(f'{os.environ["CONTROL"]}/{path}', data, method='POST'), timeout=PATIENCE):
        pass


def sandbox_state():
    with urllib.request.urlopen(f'{os.environ["CONTROL"]}/state', timeout=PATIENCE) as answer:
        return json.load(answer)


def submit(relay, to, data):
    answer = relay.ask('POST', f'/v1/declarations?to={to}', data)
    if answer.status != 201:
        print(f'Bail out! not taken: {answer.status} {answer.text}')
        sys.exit(3)
    return answer.json['id']


def filing(relay, name):
    return relay.ask('GET', f'/v1/declarations/{name}').json['filings'][0]


def becomes(relay, name, state):
    """Waits for that state and gives the whole page of the declaration."""
    wait_for(lambda: filing(relay, name)['state'] == state)
    text = relay.ask('GET', f'/v1/declarations/{name}').text
    tap.equal(filing(relay, name)['state'], state, f'it is {state}', text)
    return text


class Supervisor:
    """What systemd would hear."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind('notify.sock')
        self.socket.settimeout(PATIENCE)

    def hears(self, wanted):
        said = self.socket.recv(1024).decode()
        tap.equal(said.split('\n', maxsplit=1)[0], wanted, f'systemd is told {wanted}')


def about_itself(relay, supervisor):
    supervisor.hears('READY=1')
    tap.equal([relay.ask('GET', path, client=None).status for path in ('/healthz', '/readyz')], [200, 200], 'alive and ready, for anybody')
    answer = relay.ask('GET', '/metrics')
    tap.ok(answer.status == 200 and answer.type.startswith('text/plain; version=0.0.4'), '/metrics is in Prometheus\' text form', answer.type)
    typed, strange, before = {}, [], 0.0
    for line in answer.text.splitlines():
        if line.startswith('# TYPE '):
            typed[line.split()[2]] = line.split()[3]
        elif not line.startswith('# HELP '):
            sample = SAMPLE.fullmatch(line)
            family = re.sub('_(bucket|sum|count)$', '', sample.group(1)) if sample else ''
            if family not in typed and (not sample or sample.group(1) not in typed):
                strange.append(line)
            elif '_bucket' in line:
                strange += [line] if float(sample.group(3)) < before else []
                before = float(sample.group(3))
    tap.ok(not strange and answer.text.endswith('\n') and len(typed) > 8, 'each sample has its type, and buckets grow', strange)


def refused(relay, folder, client):
    """What a client certificate of that folder gets: a status, or the TLS alert as text."""
    tls = ssl.create_default_context(cafile='pki/ca.pem')
    tls.load_cert_chain(f'{folder}/client-{client}.pem', f'{folder}/client-{client}.key')
    connection = http.client.HTTPSConnection('localhost', relay.port, context=tls, timeout=PATIENCE)
    try:
        connection.request('GET', '/v1/declarations')
        return connection.getresponse().status
    except (ssl.SSLError, ConnectionError) as error:
        return str(error)
    finally:
        connection.close()


def who_is_let_in(relay):
    answer = relay.ask('GET', '/v1/declarations', client=None)
    tap.ok(answer.status == 401 and 'client certificate is needed' in answer.text, 'without a certificate: 401', answer.text)
    tap.equal(relay.ask('GET', '/metrics', client=None).status, 401, '/metrics too')
    tap.equal(refused(relay, 'pki', 'beta'), 403, 'a certificate of the authority that is no submitter\'s: 403')
    said = refused(relay, 'strange', 'alfa')
    tap.ok('unknown ca' in str(said).lower(), 'a certificate of another authority: refused in the handshake', said)
    mode = os.stat('ledger.db.sock').st_mode
    tap.ok(stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600, 'the local socket is for its owner only', oct(mode))
    status, out, err = run('identities', 'list')
    tap.ok(status == 0 and 'alfa' in out, 'the command works through it', err)


def slow_client(relay):
    tls = relay.context()
    with socket.create_connection(('localhost', relay.port), timeout=PATIENCE) as plain:
        with tls.wrap_socket(plain, server_hostname='localhost') as slow:
            slow.sendall(b'POST /v1/declarations?to=us-ace HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\nonly a little')
            tap.equal(relay.ask('GET', '/healthz').status, 200, 'others are served while one is slow')
            said = slow.recv(4096).decode()
            tap.ok(said.startswith('HTTP/1.1 408 ') and 'application/problem+json' in said, 'the slow one gets 408 in the end', said)


def reload(relay, supervisor):
    good = read('greenlane.xml')
    with open('greenlane.xml', 'w', encoding='utf-8') as file:
        file.write(good.replace('<idle-timeout>3s', '<idle-timeout>soon'))
    relay.process.send_signal(signal.SIGHUP)
    supervisor.hears('RELOADING=1')
    supervisor.hears('READY=1')
    line = next((one for one in relay.said().splitlines() if 'not reloaded, the old settings stay' in one), '')
    tap.ok('idle-timeout' in line and re.search(r'greenlane\.xml:\d+', line), 'a bad setting is refused with its line, the old ones stay', relay.said())
    tap.equal(relay.ask('GET', '/readyz').status, 200, 'and it serves on')
    with open('greenlane.xml', 'w', encoding='utf-8') as file:
        file.write(good.replace('</settings>', '<max-nodes>100</max-nodes></settings>').replace('<stop-grace>5s', '<workers>2</workers><stop-grace>5s'))
    relay.process.send_signal(signal.SIGHUP)
    supervisor.hears('RELOADING=1')
    supervisor.hears('READY=1')
    tap.ok('setting workers takes effect at the next start' in relay.said(), 'what a reload cannot change is said', relay.said())
    answer = relay.ask('POST', '/v1/declarations?to=us-ace', fresh_us())
    tap.ok(answer.status == 413 and 'limit of 100' in answer.text, 'a new setting counts for the next request', answer.text)
    with open('greenlane.xml', 'w', encoding='utf-8') as file:
        file.write(good)
    relay.process.send_signal(signal.SIGHUP)
    supervisor.hears('RELOADING=1')
    supervisor.hears('READY=1')
    tap.equal(relay.ask('POST', '/v1/declarations?to=us-ace', fresh_us()).status, 201, 'and back')


def clean_stop(relay, supervisor):
    """A request whose body is still coming when SIGTERM does is finished; new ones are refused."""
    data = fresh_us()
    connection = relay.connect()
    connection.putrequest('POST', '/v1/declarations?to=us-ace')
    connection.putheader('Content-Length', str(len(data)))
    connection.endheaders(data[:1000])
    tap.equal(relay.ask('GET', '/healthz').status, 200, 'a request is under way')
    relay.process.send_signal(signal.SIGTERM)
    supervisor.hears('STOPPING=1')

    def closed():
        try:
            socket.create_connection(('localhost', relay.port), timeout=PATIENCE).close()
            return False
        except OSError:
            return True
    tap.ok(wait_for(closed), 'SIGTERM: no new connection is taken')
    connection.send(data[1000:])
    answer = Answer(connection.getresponse())
    tap.ok(answer.status == 201, 'what was under way is finished, with its receipt', answer.text)
    tap.equal(relay.stop(), 0, 'and it ends with 0', relay.said())
    status, out, err = run('status', answer.json['id'])
    tap.equal(status, 0, 'the declaration is there', out + err)


def drop_next(relay):
    """The next filing's line is dropped: so nothing older may still be on its way, which would take the fault instead."""
    def moving():
        return [state for state in ('accepted', 'waiting', 'queued', 'sending', 'deferred')
                if relay.ask('GET', f'/v1/declarations?state={state}').json['declarations']]
    wait_for(lambda: not moving())
    tap.equal(moving(), [], 'nothing is on its way')
    sandbox('faults', {'drop_after_read': 1})


def down_for_a_while(relay):
    sandbox('faults', {'down_for': '3s'})
    name = submit(relay, 'mx-vucem', fresh_mx())
    becomes(relay, name, 'deferred')
    text = becomes(relay, name, 'closed')
    tap.ok('COVE' in text, 'and after a pause it is sent and answered', text)


def lost_answer(relay):
    """The operation number of a COVE is lost: nobody can be asked, so a person decides, and nothing is sent twice."""
    coves = sandbox_state()['vucem']['coves']
    drop_next(relay)
    name = submit(relay, 'mx-vucem', fresh_mx())
    becomes(relay, name, 'in-doubt')
    tap.equal(sandbox_state()['vucem']['coves'], coves + 1, 'VUCEM has it')
    return name


def killed(relay):
    """kill -9 between request and answer, and a start after it."""
    coves = sandbox_state()['vucem']['coves']
    sandbox('faults', {'slow_ms': 2500})
    name = submit(relay, 'mx-vucem', fresh_mx())
    becomes(relay, name, 'sending')
    relay.stop(signal.SIGKILL)
    sandbox('faults', {'slow_ms': 0})
    tap.ok(wait_for(lambda: sandbox_state()['vucem']['coves'] == coves + 1), 'VUCEM got it while the daemon was dead')
    relay.start()
    becomes(relay, name, 'in-doubt')
    operation = sandbox_state()['vucem']['operations'][-1]['number']
    status, out, err = run('resolve', str(filing(relay, name)['id']), 'arrived', '--operation', str(operation), '--reason', 'seen in the portal')
    tap.equal(status, 0, 'a person says: it arrived', out + err)
    text = becomes(relay, name, 'closed')
    tap.ok('COVE' in text, 'the eDocument comes', text)
    tap.ok('seen in the portal' in text, 'his reason is in the history', text)
    tap.equal(sandbox_state()['vucem']['coves'], coves + 1, 'and it was sent once')


def impatient():
    """The bundles with minutes made seconds: doubt after 30 min, overdue after 15."""
    shutil.copytree(os.path.join(os.environ['GREENLANE_DATADIR'], 'transforms'), 'data/transforms')
    os.symlink(os.path.join(os.environ['GREENLANE_DATADIR'], 'schemas'), 'data/schemas')
    for name in ('us-ace', 'mx-vucem'):
        path = f'data/transforms/{name}/destination.xml'
        text = re.sub('<overdue after="[^"]*"', '<overdue after="2s"', re.sub('<doubt inquire="no"/>', '<doubt after="1s"/>', read(path)))
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text.replace('after="30min"', 'after="1s"'))


def resend_in_doubt(relay, waiting):
    coves = sandbox_state()['vucem']['coves']
    tap.equal(filing(relay, waiting)['state'], 'in-doubt', 'what is in doubt is still in doubt after a restart')
    relay.stop()
    relay.start('--set', 'resend-in-doubt=on', '--set', 'data-dir=data')
    text = becomes(relay, waiting, 'closed')
    tap.ok('resend-in-doubt' in text, 'what was in doubt before resend-in-doubt was turned on goes again', text)
    tap.equal(sandbox_state()['vucem']['coves'], coves + 1, 'once')
    drop_next(relay)
    name = submit(relay, 'mx-vucem', fresh_mx())
    text = becomes(relay, name, 'closed')
    tap.ok('resend-in-doubt' in text, 'with resend-in-doubt a COVE goes again, and its history says why', text)
    tap.equal(sandbox_state()['vucem']['coves'], coves + 3, 'both are with VUCEM')
    drop_next(relay)
    sandbox('faults', {'drop_after_read': 2})
    name = submit(relay, 'mx-vucem', fresh_mx())
    tap.ok(wait_for(lambda: 'resent often enough' in relay.said()), 'but only resend-times times: then a person is told')
    tap.equal(filing(relay, name)['state'], 'in-doubt', 'and it stays in doubt')
    tap.equal(sandbox_state()['vucem']['coves'], coves + 5, 'sent twice, not more')


def doubtful_entry(relay):
    """An SE in doubt: its SX answers it; without one it goes again as a replacement (R). One without an answer is overdue."""
    drop_next(relay)
    name = submit(relay, 'us-ace', fresh_us())
    text = becomes(relay, name, 'answered')
    tap.ok('in-doubt' in text, 'an SE whose line was lost is answered by its SX', text)
    sandbox('faults', {'manual': True})
    late = submit(relay, 'us-ace', fresh_us())
    becomes(relay, late, 'overdue')
    drop_next(relay)
    lost = submit(relay, 'us-ace', fresh_us())
    number = filing(relay, lost)['number']

    def received():
        return [entry['received'] for entry in sandbox_state()['ace']['entries'] if entry['number'] == number]
    wait_for(lambda: received() == [2])
    tap.equal(received(), [2], 'without an SX an SE in doubt goes again: ACE holds one entry, received twice')
    text = relay.ask('GET', f'/v1/declarations/{lost}').text
    tap.ok("sent again as 'replace'" in text, 'as a replacement, which its history says', text)
    tap.equal(filing(relay, lost)['action'], 'replace', 'and its action')
    sandbox('faults', {'manual': False})
    sandbox('answer')
    becomes(relay, late, 'answered')
    becomes(relay, lost, 'answered')


def in_flight(relay):
    """max-in-flight counts the bodies of all requests together."""
    relay.start('--set', 'max-in-flight=65536')
    body = b'<' * 40000
    tap.ok(relay.ask('POST', '/v1/check', body).status != 503, 'a body within max-in-flight is read')
    with socket.create_connection(('localhost', relay.port), timeout=PATIENCE) as plain:
        with relay.context().wrap_socket(plain, server_hostname='localhost') as first:
            first.sendall(b'POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40001\r\n\r\n' + body)
            tap.ok(wait_for(lambda: relay.ask('POST', '/v1/check', body).status == 503), 'beside another one it is not: 503')
    tap.ok(wait_for(lambda: relay.ask('POST', '/v1/check', body).status != 503), 'and is again when that one is gone')
    relay.stop()


def log_level(relay):
    """With log-level=error the daemon is silent until something fails."""
    good = read('greenlane.xml')
    with open('quiet.log', 'wb') as file:
        with subprocess.Popen([os.path.join(BUILD, 'greenlaned'), '--set', 'log-level=error', '--set', 'socket=quiet.sock'],
                              stdin=subprocess.DEVNULL, stdout=file, stderr=file) as quiet:
            wait_for(lambda: os.path.exists('quiet.sock'))
            tap.equal(read('quiet.log'), '', 'log-level=error: nothing is said of a good start')
            with open('greenlane.xml', 'w', encoding='utf-8') as settings:
                settings.write(good.replace('<idle-timeout>3s', '<idle-timeout>soon'))
            quiet.send_signal(signal.SIGHUP)
            tap.ok(wait_for(lambda: 'not reloaded' in read('quiet.log')), 'but what fails is')
            quiet.send_signal(signal.SIGTERM)
    with open('greenlane.xml', 'w', encoding='utf-8') as settings:
        settings.write(good)
    tap.ok('is ready' not in read('quiet.log') and 'is ready' in relay.said(), 'unlike at the level that is set otherwise')


def one_grace(relay):
    """A sending and a request that both do not end: stop-grace counts once."""
    sandbox('faults', {'slow_ms': 30000})
    name = submit(relay, 'mx-vucem', fresh_mx())
    becomes(relay, name, 'sending')
    connection = relay.connect()
    connection.putrequest('POST', '/v1/declarations?to=us-ace')
    connection.putheader('Content-Length', '500000')
    connection.endheaders(b'<')
    stopping = []

    def feed():
        """Keeps the request alive, a byte at a time; until the daemon ends."""
        try:
            connection.send(b' ')
        except OSError:
            stopping.append(True)
        return relay.process.poll() is not None
    start = time.monotonic()
    relay.process.send_signal(signal.SIGTERM)
    tap.ok(wait_for(feed) and relay.process.returncode == 0, 'the daemon ends though nothing else does', relay.said())
    took = time.monotonic() - start
    tap.ok(2.5 < took < 9.5, 'after one stop-grace of 5 s, not two', f'{took:.1f} s')
    tap.ok('will be in doubt at the next start' in relay.said(), 'and says what that means', relay.said())
    sandbox('faults', {'slow_ms': 0})
    relay.start()
    becomes(relay, name, 'in-doubt')


def secrets():
    """Every password of the run, from the files that hold them."""
    found = []
    for folder in ('secrets', 'pki'):
        for name in os.listdir(folder):
            if name in ('abi', 'ws') or name.endswith('.password'):
                found.append(read(os.path.join(folder, name)).strip().encode())
    return found


def given_back(relay):
    """A batch that comes back whole, with the password of another identity of the same destination, is kept with stars over it."""
    os.makedirs('customs/in')
    text = read('identity-alfa.xml').replace('name="alfa"', 'name="eco"').replace('principal="ZZZ"', 'principal="9ZZ"')
    text = re.sub('(endpoint.answers.url" value=")[^"]*"/>', rf'\1{os.path.abspath("customs/in")}"/>'
                  '<setting name="endpoint.answers.carrier" value="folder"/>', text)
    with open('identity-eco.xml', 'w', encoding='utf-8') as file:
        file.write(text.replace('secrets/abi', 'secrets/eco.password'))
    with open('secrets/eco.password', 'w', encoding='ascii', opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write('E&C<O9')
    status, out, err = run('identities', 'add', 'identity-eco.xml')
    tap.equal(status, 0, 'an identity whose answers come by a folder', out + err)
    rows = ['A2304ZZZE&C<O9112426     SX'.ljust(80), f'X0{read("secrets/abi").strip()} E&amp;C&lt;O9 THE WORD'.ljust(80)]
    with open('customs/batch', 'w', encoding='ascii') as file:
        file.write('\n'.join(rows) + '\n')
    os.rename('customs/batch', 'customs/in/batch')
    tap.ok(wait_for(lambda: os.path.exists('customs/in/done/batch')), 'a batch with passwords in it is fetched', relay.said()[-1000:])
    kept = [base64.b64decode(row['columns']['data']) for row in map(json.loads, run('ledger', 'export')[1].splitlines())
            if row.get('table') == 'inbound']
    tap.ok(f'{rows[0]}\n{rows[1]}\n'.replace('E&C<O9', '******').replace('ABISEC', '******').replace('E&amp;C&lt;O9', '*' * 13).encode() in kept,
           'they are under stars, and the rest is as it was', kept[-1:])


def no_secret(relay):
    """No password in any file, log or page of the run; the pages of all declarations are written to files first."""
    with open('pages.txt', 'w', encoding='utf-8') as pages:
        for name in [one['id'] for one in relay.ask('GET', '/v1/declarations?limit=1000').json['declarations']]:
            for part in ('', '/explain', '/outbound', '/outbound?columns=1', '/signed', '/reply', '/answer', '/decision', '/receipt', '/evidence-content'):
                pages.write(relay.ask('GET', f'/v1/declarations/{name}{part}').text)
        pages.write(relay.ask('GET', '/metrics').text)
        for words in (['identities', 'list'], ['identities', 'test', 'alfa'], ['identities', 'test', 'uno'], ['identities', 'list', '--json'], ['ledger', 'export'],
                      ['doctor'], ['transform', 'mx.xml', '--to=mx-vucem/cove', '--identity=uno', '--signed'], ['transform', 'us.xml', '--to=us-ace', '--identity=alfa']):
            pages.write(''.join(run(*words)[1:]))
    tap.ok(os.path.getsize('pages.txt') > 50000, 'there are pages to look at', os.path.getsize('pages.txt'))
    looked, leaks, known = 0, [], secrets()
    for folder, _, files in os.walk('.'):
        if folder.split(os.sep)[1:2] in (['secrets'], ['pki'], ['customs'], ['strange'], ['data']):
            continue
        for name in files:
            if not os.path.isfile(os.path.join(folder, name)):
                continue  # a socket
            with open(os.path.join(folder, name), 'rb') as file:
                content = file.read()
            looked += 1
            leaks += [os.path.join(folder, name) for one in known if one in content]
    tap.ok(len(known) >= 4 and looked > 10 and not leaks, 'no password is in any file, log or page of the run', (len(known), looked, leaks))
    with open('secrets/ws', 'rb') as file:
        tap.ok(file.read().strip() in known, 'and the search would find one')


def main():
    supervisor = Supervisor()
    impatient()
    relay = Relay(environment={'NOTIFY_SOCKET': os.path.abspath('notify.sock')})
    about_itself(relay, supervisor)
    who_is_let_in(relay)
    slow_client(relay)
    reload(relay, supervisor)
    clean_stop(relay, supervisor)
    relay.environment = None
    relay.start()
    down_for_a_while(relay)
    waiting = lost_answer(relay)
    killed(relay)
    resend_in_doubt(relay, waiting)
    doubtful_entry(relay)
    given_back(relay)
    no_secret(relay)
    one_grace(relay)
    relay.stop()
    in_flight(relay)
    log_level(relay)
    status, out, err = run('ledger', 'verify')
    tap.equal(status, 0, 'the ledger is whole', out + err)
    return tap.done()


sys.exit(main())
