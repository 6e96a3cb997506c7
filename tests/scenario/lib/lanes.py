"""The part of f0001-queue.sh that asks: greenlaned with a sandbox that is slow, and with a destination that never answers."""

import contextlib
import datetime
import json
import os
import re
import signal
import socket
import sqlite3
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


def operators(listed=None, status='', until='', bound=True):
    """The register: one importer, certified; alfa is bound to him."""
    listed = listed or datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%d')
    until = f' to="{until}"' if until else ''
    write('operators.xml', f"""<operators xmlns="urn:greenlane:operators:1">
  <programme code="US-CTPAT" country="US" zone="America/New_York" own-of="US"><class code="T2" security="yes"/></programme>
  <operator id="placeholder" name="Placeholder Motors Inc">
    <identifier kind="EI" value="00-1234567"/>
    <certificate programme="US-CTPAT" class="T2" environment="TEST" from="2024-01-01"{until} list-date="{listed}">
      <status value="CERTIFIED" from="2024-01-01"/>{status}
    </certificate>
  </operator>
  {'<binding submitter="alfa" operator="placeholder" document="power of attorney, invented"/>' if bound else ''}
</operators>
""")


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


def submit(relay, to, data, client='alfa'):
    answer = relay.ask('POST', f'/v1/declarations?to={to}', data, client=client)
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


def left_last(relay, name):
    """When it began to be sent for the last time."""
    return ([''] + [change['at'] for change in page(relay, name)['filings'][0]['history'] if change['to'] == 'sending'])[-1]


def over(*names):
    """Whether the pauses of these are over, each of which has a length of its own: only then is there an order between them."""
    with contextlib.closing(sqlite3.connect('file:ledger.db?mode=ro', uri=True)) as ledger:
        rows = ledger.execute('SELECT d.uid, n.due_ms FROM filings_now n JOIN filings f ON f.id = n.filing JOIN declarations d ON d.uid = f.declaration').fetchall()
    return max(due for name, due in rows if name in names) < 1000 * datetime.datetime.now().timestamp()


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


def alerts(relay, name):
    """A number the register does not have is counted for its submitter, logged, and told in the reader's language."""
    mine = 'greenlane_alerts_total{submitter="alfa",kind="numbers"} '
    tap.ok(mine in relay.ask('GET', '/metrics').text, 'an unknown number is counted for its submitter', relay.ask('GET', '/metrics').text)
    tap.ok("different numbers from 'alfa'" in relay.said(), 'and is a line of the log', relay.said())
    status, out, err = run('explain', name, '--lang', 'es')
    tap.ok(status == 0 and "números distintos de 'alfa'" in out, 'and explain says so', out + err)


def flood():
    """One thread sends, slowly, and expedited filings are never wanting: the standard one goes when its time is over."""
    operators()
    faults(slow_ms=150)
    relay = Relay('--set', 'dispatchers=1', '--set', 'queue-floor=1s', '--set', 'alert-numbers=1')
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
    alerts(relay, slow)
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


def reloaded(relay, what):
    """After SIGHUP, until the log says so."""
    before = relay.said().count(what)
    relay.process.send_signal(signal.SIGHUP)
    tap.ok(wait_for(lambda: relay.said().count(what) > before), f'SIGHUP: {what}', relay.said())


def verified():
    status, out, err = run('ledger', 'verify')
    tap.equal(status, 0, 'ledger verify is content', out + err)


def recall():
    """Certified when it was kept, suspended while it waits: standard before it is sent."""
    operators()
    faults(down_for='600s')
    relay = Relay('--set', 'dispatchers=2')
    name = submit(relay, 'us-ace', us())
    other = submit(relay, 'us-ace', us())
    wait_for(lambda: state(relay, name) == 'deferred' and state(relay, other) == 'deferred')
    tap.equal(page(relay, name)['lane'], 'expedited', 'it is in the expedited lane, and waits')
    operators(status='<status value="SUSPENDED" from="2024-06-01"/>')
    reloaded(relay, 'were decided otherwise')
    now = page(relay, name)
    tap.equal([now['lane'], now['lane_kept'], left_now(now)], ['standard', 'expedited', False], 'standard, and not sent yet', now)
    text = relay.ask('GET', f'/v1/declarations/{name}/explain', Accept='text/plain').text
    tap.ok('was decided again' in text and 'C03' in text and text.index('C03') < text.index('P01'), 'explain says both decisions, the newest first', text)
    text = relay.ask('GET', f'/v1/declarations/{name}/explain', Accept='text/plain', Accept_Language='es').text
    tap.has(text, 'se decidió de nuevo', 'in Spanish too')
    text = relay.ask('GET', f'/v1/declarations/{name}', Accept='text/plain', Accept_Language='es').text
    tap.ok('guardada' in text and 'no llegó: ' in text, 'so are the reasons of its history', text)
    first = page(relay, name)['filings'][0]['history'][0]
    tap.equal([first['reason'], first['reason_code']], ['kept', 'kept'], 'JSON has the code beside the words')
    tap.has(relay.ask('GET', f'/v1/declarations/{name}/lane').text, '"C03"', 'the decision itself can be had')
    before = counted(relay)
    operators(status='<status value="SUSPENDED" from="2024-06-01"/>', bound=False)
    reloaded(relay, 'held for a person')
    tap.ok(wait_for(lambda: counted(relay) == before + 2), 'the alerts of both decisions are counted for the submitter', [before, counted(relay)])
    status, out, err = run('explain', name)
    tap.ok('decided again before sending, by the register as it was then: A03' in out, 'and the operator of the alert', out + err)
    tap.equal(state(relay, name), 'held', 'a binding that ended holds it')
    faults(down_for='0s')
    status, out, err = run('release', name)
    tap.equal(status, 0, 'a person releases it', out + err)
    wait_for(lambda: state(relay, name) == 'answered')
    now = page(relay, name)
    tap.equal([now['lane'], now['filings'][0]['state']], ['standard', 'answered'], 'it goes as a standard one', now)
    tap.equal(relay.stop(), 0, 'and it ends', relay.said())
    verified()


def counted(relay):
    """How many security alerts alfa has in the metrics."""
    found = re.search(r'greenlane_alerts_total\{submitter="alfa",kind="security"\} ([0-9]+)', relay.ask('GET', '/metrics').text)
    return int(found.group(1)) if found else 0


def left_now(now):
    return now['filings'][0]['state'] not in ('queued', 'deferred', 'held')


def midnight():
    """Kept on the last day of a certificate; it leaves two days later: the moment of leaving counts, without any reload."""
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=2)
    operators(listed=then.strftime('%Y-%m-%d'), until=then.strftime('%Y-%m-%d'))
    faults(down_for='600s')
    relay = Relay('--set', then.strftime('clock=%Y-%m-%dT%H:%M:%SZ'))
    slow = submit(relay, 'us-ace', us('00-7654321'))
    name = submit(relay, 'us-ace', us())
    wait_for(lambda: state(relay, name) == 'deferred' and state(relay, slow) == 'deferred')
    tap.equal(page(relay, name)['lane'], 'expedited', 'expedited on its last day')
    relay.stop()
    wait_for(lambda: over(name, slow))
    faults(down_for='0s')
    relay.options = ('--set', 'dispatchers=1')
    relay.start()
    wait_for(lambda: state(relay, name) == 'answered' and state(relay, slow) == 'closed')
    now = page(relay, name)
    tap.equal([now['lane'], now['filings'][0]['state']], ['standard', 'answered'], 'it leaves as a standard one two days later', now)
    tap.has(relay.ask('GET', f'/v1/declarations/{name}/lane').text, '"C02"', 'for its certificate had ended')
    tap.ok('' < left_last(relay, slow) < left_last(relay, name), 'and behind the standard one that came before it', [page(relay, slow), now])
    tap.equal(relay.stop(), 0, 'and it ends', relay.said())
    verified()


def unbound():
    """Who may use the identity, but is not bound to the importer: held, with an alert, until a person releases it."""
    operators()
    relay = Relay()
    name = submit(relay, 'us-ace', us(), client='beta')
    now = relay.ask('GET', f'/v1/declarations/{name}', client='beta').json
    tap.equal([now['lane'], now['filings'][0]['state']], ['standard', 'held'], 'it is held', now)
    tap.has(now['filings'][0]['reason'], 'not bound to the importer', 'with the reason')
    tap.ok("A03" in relay.said() and "'beta'" in relay.said(), 'and the alert names the submitter', relay.said())
    status, out, err = run('release', name)
    tap.equal(status, 0, 'a person releases it', out + err)
    wait_for(lambda: relay.ask('GET', f'/v1/declarations/{name}', client='beta').json['filings'][0]['state'] == 'answered')
    now = relay.ask('GET', f'/v1/declarations/{name}', client='beta').json
    tap.equal([now['lane'], now['filings'][0]['state']], ['standard', 'answered'], 'then it goes, standard', now)
    relay.stop()
    relay.start('--set', 'unbound-importer=file')
    name = submit(relay, 'us-ace', us(), client='beta')
    wait_for(lambda: relay.ask('GET', f'/v1/declarations/{name}', client='beta').json['filings'][0]['state'] == 'answered')
    now = relay.ask('GET', f'/v1/declarations/{name}', client='beta').json
    tap.equal([now['lane'], now['filings'][0]['state']], ['standard', 'answered'], 'with unbound-importer=file it goes at once, standard', now)
    tap.equal(relay.stop(), 0, 'and it ends', relay.said())


midnight()
unbound()
recall()
flood()
silence()
sys.exit(tap.done())
