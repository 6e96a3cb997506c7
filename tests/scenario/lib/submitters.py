"""The part of b0002-submitters.sh that asks: alfa and beta over HTTPS, and the operator by the command."""

import json
import os
import sys
import urllib.request

from tap import PATIENCE, Relay, Tap, run, wait_for

tap = Tap()


def us(reference):
    with open('us.xml', encoding='utf-8') as file:
        return file.read().replace('GL0000101', reference).encode()


def sandbox(path, body):
    request = urllib.request.Request(f'{os.environ["CONTROL"]}/{path}', json.dumps(body).encode(), method='POST')
    with urllib.request.urlopen(request, timeout=PATIENCE):
        pass


def state(relay, name, client):
    return relay.ask('GET', f'/v1/declarations/{name}', client=client).json['filings'][0]['state']


def kept(relay, reference, client):
    """A declaration that waits for its line to come back, so that there is time to hold it."""
    answer = relay.ask('POST', '/v1/declarations?to=us-ace', us(reference), client=client)
    name = answer.json.get('id')
    wait_for(lambda: state(relay, name, client) == 'deferred')
    tap.equal((answer.status, state(relay, name, client)), (201, 'deferred'), f'{client}: kept, and not away yet', answer.text)
    return name


def same_reference(relay):
    names = {client: kept(relay, 'GL0000501', client) for client in ('alfa', 'beta')}
    for client, name in names.items():
        tap.equal(relay.ask('GET', '/v1/declarations/GL0000501', client=client).json.get('id'), name,
                  f'{client} finds his own by a reference both used')
        tap.equal(relay.ask('GET', f'/v1/declarations/{name[:20]}', client=client).json.get('id'), name, 'and by a part of the id')
    tap.equal(relay.ask('GET', f'/v1/declarations/{names["alfa"]}', client='beta').status, 404, 'not the other\'s')
    status, _, err = run('status', 'GL0000501')
    tap.ok(status == 1 and 'more than one' in err, 'the operator is told that it stands for two', err)
    return names['alfa']


def held(relay, name):
    status, out, err = run('hold', name, '--reason', 'suspected fraud, do not send')
    tap.equal(status, 0, 'the operator holds it', out + err)
    for action in ('release', 'resubmit'):
        answer = relay.ask('POST', f'/v1/declarations/{name}/{action}', client='alfa')
        tap.ok(answer.status == 403 and 'only the operator' in answer.text, f'its submitter cannot undo that by {action}', answer.text)
    tap.equal(state(relay, name, 'alfa'), 'held', 'it stays')
    status, out, err = run('release', name)
    tap.equal(status, 0, 'the operator lets it go', out + err)
    mine = kept(relay, 'GL0000502', 'alfa')
    tap.equal(relay.ask('POST', f'/v1/declarations/{mine}/hold?reason=wait', client='alfa').status, 200, 'a submitter holds his own')
    tap.equal(state(relay, mine, 'alfa'), 'held', 'it is held')
    tap.equal(relay.ask('POST', f'/v1/declarations/{mine}/release', client='alfa').status, 200, 'and lets it go again')
    return mine


def terminal(relay, name):
    # Just let go, it may be on its way to the line that is down; then it cannot be held, and is a moment later.
    wait_for(lambda: relay.ask('POST', f'/v1/declarations/{name}/hold?reason=one%0atwo%1b%5b31mred%c2%9bx',
                               client='alfa').status == 200)
    _, out, _ = run('status', name)
    tap.ok('one two\\x1b[31mred\\x9bx' in out and '\x1b' not in out and '\x9b' not in out,
           'what a submitter says stays on its line and commands no terminal', out)


def keys(relay):
    body = us('GL0000503')
    first = relay.ask('POST', '/v1/declarations?to=us-ace', body, Idempotency_Key='k1')
    again = relay.ask('POST', '/v1/declarations?to=us-ace/cargo-release&identity=alfa', body, Idempotency_Key='k1')
    tap.equal((first.status, again.status, again.json.get('id')), (201, 200, first.json.get('id')), 'the same key, asked for the same', again.text)
    for more in ('to=mx-vucem', 'to=us-ace&identity=uno'):
        answer = relay.ask('POST', f'/v1/declarations?{more}', body, Idempotency_Key='k1')
        tap.ok(answer.status == 409 and "key 'k1' was used" in answer.text, f'the same key for {more}: 409, not the other\'s receipt', answer.text)


def removed(relay, name):
    """A binding ends, then the submitter: his declarations stay his, and his name and what he may do are gone."""
    status, out, err = run('bindings', 'remove', 'alfa', 'alfa')
    tap.equal(status, 0, 'a binding is ended', out + err)
    answer = relay.ask('POST', '/v1/declarations?to=us-ace', us('GL0000601'), client='alfa')
    tap.equal(answer.status, 403, 'what it allowed is refused', answer.text)
    status, _, err = run('bindings', 'remove', 'alfa', 'alfa')
    tap.ok(status == 1 and 'not bound' in err, 'it cannot be ended twice', err)
    tap.ok(json.loads(run('bindings', 'list', '--json')[1])['bindings'], 'the others hold')
    status, out, err = run('submitters', 'rotate', 'alfa', 'pki/client-beta.pem')
    tap.ok(status == 1 and 'another submitter' in err, 'a certificate is one submitter\'s', out + err)
    status, out, err = run('submitters', 'rotate', 'beta')
    tap.equal(status, 0, 'a submitter is known by another certificate, or by none', out + err)
    tap.equal(relay.ask('GET', '/v1/declarations', client='beta').status, 403, 'the old one does not count at once')
    status, out, err = run('submitters', 'rotate', 'beta', 'pki/client-beta.pem')
    tap.equal((status, relay.ask('GET', '/v1/declarations', client='beta').status), (0, 200), 'and does again', out + err)
    status, out, err = run('submitters', 'remove', 'alfa', '--lang', 'es')
    tap.ok(status == 0 and 'siguen siendo suyas' in out, 'a submitter is removed', out + err)
    answer = relay.ask('GET', f'/v1/declarations/{name}', client='alfa')
    tap.equal(answer.status, 403, 'he is not answered any more', answer.text)
    status, _, err = run('list', '--as', 'alfa')
    tap.ok(status == 1 and "'alfa'" in err, 'nor does anybody act for him', err)
    _, out, _ = run('status', name, '--json')
    tap.equal(json.loads(out).get('submitter'), 'alfa', 'what he filed is still his', out)
    _, out, _ = run('bindings', 'list')
    tap.ok('alfa' not in out.replace('beta  alfa', ''), 'his bindings ended with him', out)
    status, _, err = run('submitters', 'add', 'alfa', 'pki/client-alfa.pem')
    tap.ok(status == 1 and 'not given again' in err, 'his name is not given again', err)
    status, out, err = run('submitters', 'add', 'gamma', 'pki/client-alfa.pem')
    tap.equal(status, 0, 'his certificate may be somebody else\'s', out + err)
    answer = relay.ask('GET', f'/v1/declarations/{name}', client='alfa')
    tap.equal(answer.status, 404, 'who does not see what was his', answer.text)
    status, out, err = run('ledger', 'verify')
    tap.equal(status, 0, 'all of it stands in the chain', out + err)


def main():
    relay = Relay()
    sandbox('faults', {'down_for': '600s'})
    name = same_reference(relay)
    mine = held(relay, name)
    terminal(relay, mine)
    keys(relay)
    for other in ('operator', 'gateway'):
        status, _, err = run('submitters', 'add', other, 'pki/client-alfa.pem')
        tap.ok(status == 2 and 'another name' in err, f'nobody is called {other}', err)
    removed(relay, mine)
    relay.stop()
    return tap.done()


sys.exit(main())
