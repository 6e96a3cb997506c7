"""The part of b0001-bad-input.sh that asks: a table of bad inputs, each over the command and over HTTPS."""

import os
import re
import resource
import shutil
import subprocess
import sys

from tap import BUILD, PATIENCE, Relay, Tap, run

with open('good.xml', encoding='utf-8') as good_file:
    GOOD = good_file.read()
END = GOOD.rindex('</')
tap = Tap()
names = iter(range(100000))


def fresh():
    """A good declaration nobody has sent yet."""
    return GOOD.replace('GL0000101', f'GL{next(names) + 2000000:07d}').encode()


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + ''.join(
    f'<!ENTITY {b} "{("&" + a + ";") * 10}">' for a, b in zip('abcdefgh', 'bcdefghi')) + ']><a>&i;</a>'
DMS = 'urn:wco:datamodel:WCO:DEC-DMS:2'

# name, bytes, place (line:column, '' none, None: not looked at), part of the text, HTTP status
INPUTS = [
    ('not well-formed', '\n'.join(GOOD.splitlines()[:20]), '20:', 'ends before its elements are closed', 422),
    ('a DOCTYPE', GOOD.replace('<md:MetaData', '<!DOCTYPE MetaData>\n<md:MetaData', 1), None, 'DOCTYPE) is not accepted; remove it', 422),
    ('an entity bomb', BOMB, '1:1', 'DOCTYPE) is not accepted; remove it', 422),
    ('a wrong root', '<Invoice/>', '1:1', "a declaration starts with MetaData in", 422),
    ('an unknown namespace', '<MetaData xmlns="urn:example:none"/>', '1:1', "in namespace 'urn:example:none'", 422),
    ('an unknown dialect', GOOD.replace(DMS, 'urn:wco:datamodel:ZZ:DEC:9'), None, f'a Declaration in {DMS} is wanted', 422),
    ('an empty file', '', '', 'the input is empty; a declaration in WCO XML is wanted', 422),
    ('binary noise', bytes(range(256)) * 20, '', 'neither XML nor EDI (it holds bytes no text has)', 422),
    ('deep nesting', '<a>' * 3000 + '</a>' * 3000, '1:769', 'deeper than the limit of 256 (option max-depth)', 413),
    ('invalid UTF-8', GOOD.encode().replace(b'</', b'\xff</', 1), None, 'not valid UTF-8: hexadecimal FF', 422),
    ('10,000 invented names', GOOD[:END] + ''.join(f'<x{i}/>' for i in range(10000)) + GOOD[END:], None,
     "there is no element 'x0'", 422),
    ('a value too long for its field', GOOD.replace('GL0000101', 'G' * 40), None, "has 40 characters, more than", 422),
]


def good_one(relay, after):
    answer = relay.ask('POST', '/v1/declarations?to=us-ace', fresh())
    tap.ok(answer.status == 201 and answer.headers.get('Location', '').startswith('/v1/declarations/'),
           f'after {after} a good one is served', answer.text)


def is_problem(answer, status, text, name):
    """An RFC 9457 document of that status; what it says is in its detail or its findings."""
    document = answer.json
    said = document.get('detail', '') + ''.join(finding.get('text', '') for finding in document.get('findings', []))
    tap.ok(answer.status == status and answer.type == 'application/problem+json' and document.get('status') == status
           and bool(document.get('title')) and text in said, f'{name} over HTTPS: {status}', f'{answer.status} {answer.type}\n{answer.text}')
    return document


def says_where(name, place, text, said, file):
    line = next((one for one in said.splitlines() if text in one and one.startswith(file + ':')), '')
    good = line.startswith(f'{file}:{place or ""}') and (place is not None or re.match(r'[^:]+:\d+:\d+: ', line))
    tap.ok(good, name, said)


def written():
    """The inputs as files 0.xml, 1.xml ...: rows of file, bytes and the rest of INPUTS."""
    for number, (name, content, place, text, status) in enumerate(INPUTS):
        data = content if isinstance(content, bytes) else content.encode()
        with open(f'{number}.xml', 'wb') as file:
            file.write(data)
        yield f'{number}.xml', data, name, place, text, status


def bad_inputs(relay):
    rows = list(written())
    status, out, err = run('check', *(row[0] for row in rows))
    tap.equal(status, 1, 'check of them all ends with 1', err)
    for file, data, name, place, text, wanted in rows:
        says_where(f'{name}: check says where', place, text, out + err, file)
        status, said, why = run('submit', file, '--to=us-ace')
        tap.equal((status, said), (1, ''), f'{name}: submit ends with 1', why)
        says_where(f'{name}: and says where', place, text, why, file)
        document = is_problem(relay.ask('POST', '/v1/declarations?to=us-ace', data), wanted, text, name)
        if 'findings' in document:
            tap.ok(document['findings'][0]['text'] in document['detail'], f'{name}: the detail is a line: how many, and the first', document)
            tap.ok(all(one.get('line', 0) > 0 for one in document['findings'] if one.get('severity') == 'error'),
                   f'{name}: each finding has its place', document)
        good_one(relay, name)


def too_large(relay):
    """100 MB of spaces: refused by its announced length, before it is sent."""
    with open('input.xml', 'wb') as file:
        file.truncate(100 << 20)
    with open('input.xml', 'r+b') as file:
        for _ in range(100):
            file.write(b' ' * (1 << 20))
    for words in (['check', 'input.xml'], ['submit', 'input.xml', '--to=us-ace']):
        status, out, err = run(*words)
        tap.ok(status == 1 and 'limit' in err and len(err.splitlines()) == 1, f'100 MB of spaces: {words[0]} ends with 1 and names the limit',
               f'exit {status}\n{out}\n{err}')
    os.unlink('input.xml')
    for words in (['check', '-'], ['submit', '-', '--to=us-ace'], ['transform', '-', '--to=us-ace']):
        with subprocess.Popen(['yes', ' '], stdout=subprocess.PIPE) as endless:
            done = subprocess.run([os.path.join(BUILD, 'greenlane'), *words], stdin=endless.stdout, capture_output=True, check=False,
                                  timeout=PATIENCE * 2)
            endless.kill()
        err = done.stderr.decode()
        tap.ok(done.returncode == 1 and 'limit' in err and len(err.splitlines()) == 1, f'input without an end: {words[0]} stops at the limit',
               f'exit {done.returncode}\n{done.stdout}\n{err}')
    connection = relay.connect()
    connection.putrequest('POST', '/v1/declarations?to=us-ace')
    connection.putheader('Content-Length', str(100 << 20))
    connection.endheaders(b' ' * 65536)
    response = connection.getresponse()
    text = response.read().decode()
    tap.ok(response.status == 413 and 'application/problem+json' in response.headers['Content-Type'],
           '100 MB over HTTPS: 413 before it is sent', text)
    tap.equal(response.headers['Connection'], 'close', 'and the connection ends cleanly')
    connection.close()
    connection = relay.connect()
    connection.putrequest('POST', '/v1/declarations?to=us-ace')
    connection.putheader('Transfer-Encoding', 'chunked')
    connection.endheaders()
    try:
        for _ in range(48):
            connection.send(b'10000\r\n' + b' ' * 65536 + b'\r\n')
    except OSError:
        pass  # refused while we were still sending
    response = connection.getresponse()
    tap.ok(response.status == 413, 'the same in chunks, without a length', response.read())
    connection.close()
    good_one(relay, 'what was too large')


def wrong_destinations(relay):
    """What does not exist is the caller's mistake, not the file's: exit 2 and 400, once, with what there is."""
    for to, said, dicho in (('zz-none', "there is no destination 'zz-none'; there are: mx-vucem, us-ace",
                             "no existe el destino 'zz-none'; existen: mx-vucem, us-ace"),
                            ('us-ace/none', "destination 'us-ace' has no message 'none'; it has: cargo-release",
                             "el destino 'us-ace' no tiene el mensaje 'none'; tiene: cargo-release")):
        for words in (['check', 'good.xml', 'good.xml', f'--for={to}'], ['transform', 'good.xml', f'--to={to}'],
                      ['transform', 'good.xml', f'--to={to}', '--identity=alfa'], ['submit', 'good.xml', f'--to={to}'],
                      ['list', f'--to={to}']):
            status, out, err = run(*words)
            tap.equal((status, out, err.removeprefix('greenlane: ')), (2, '', said + '\n'), f'{words[0]} {words[-1]}: exit 2, one line')
            status, out, err = run(*words, '--lang=es')
            tap.equal((status, out, err.removeprefix('greenlane: ')), (2, '', dicho + '\n'), 'the same in Spanish')
        for method, path in (('POST', 'declarations?to'), ('POST', 'transform?to'), ('POST', 'check?for'), ('GET', 'declarations?to')):
            is_problem(relay.ask(method, f'/v1/{path}={to}', fresh() if method == 'POST' else None), 400, said, f'{path}={to}')
    status, out, err = run('list', '--to=us-ace/cargo-release')
    tap.ok(status == 0 and 'GL2000' in out, 'list --to shows what went there', out + err)
    status, out, err = run('list', '--to=mx-vucem')
    tap.ok(status == 0 and 'GL2000' not in out, 'and nothing of another', out + err)


def wrong_calls(relay):
    os.mkdir('folder.xml')
    for words in (['check', 'folder.xml'], ['submit', 'folder.xml', '--to=us-ace']):
        status, out, err = run(*words)
        tap.equal((status, out, err), (2, '', 'greenlane: folder.xml: this is a folder; name a file\n'), f'a folder: {words[0]}')
    wrong_destinations(relay)
    is_problem(relay.ask('POST', '/v1/declarations', fresh()), 400, 'never guessed', 'no destination named')
    is_problem(relay.ask('PUT', '/v1/declarations?to=us-ace', fresh()), 400, 'PUT', 'another method')
    is_problem(relay.ask('GET', '/v1/nothing'), 404, '/v1/nothing', 'another path')
    is_problem(relay.ask('GET', '/v1/identities'), 403, 'operator', "what is the operator's")
    good_one(relay, 'wrong calls')


def identity_file(name, like='alfa', old='', new=''):
    """A copy of another identity's file under a name of its own, with one text in place of another."""
    with open(f'identity-{like}.xml', encoding='utf-8') as file:
        text = file.read().replace(f'name="{like}"', f'name="{name}"')
    if old:
        tap.has(text, old, f'identity {name}: what is to change is there')
        text = text.replace(old, new)
    with open(f'identity-{name}.xml', 'w', encoding='utf-8') as file:
        file.write(text)
    return f'identity-{name}.xml'


def two_identities(relay):
    status, _, err = run('identities', 'add', identity_file('gemela'))
    run('bindings', 'add', 'alfa', 'gemela')
    tap.equal(status, 0, 'a second identity of the same filer', err)
    with open('input.xml', 'wb') as file:
        file.write(fresh())
    status, _, err = run('submit', 'input.xml', '--to=us-ace')
    tap.ok(status == 1 and 'two identities fit (alfa and gemela)' in err and 'say which with --identity' in err and len(err.splitlines()) == 1,
           'two identities fit: submit ends with 1', f'{status} {err}')
    is_problem(relay.ask('POST', '/v1/declarations?to=us-ace', fresh()), 409, 'two identities fit', 'two identities fit')
    answer = relay.ask('POST', '/v1/declarations?to=us-ace&identity=alfa', fresh())
    tap.equal(answer.status, 201, 'named, it is taken', answer.text)
    status, _, err = run('identities', 'add', identity_file('ajena'))
    tap.equal(status, 0, 'a third one, not bound to the submitter', err)
    is_problem(relay.ask('POST', '/v1/declarations?to=us-ace&identity=ajena', fresh()), 403, 'may not file', 'an identity of somebody else')
    status, _, err = run('identities', 'remove', 'ajena')
    tap.equal(status, 0, 'the third is removed', err)
    status, _, err = run('identities', 'remove', 'gemela')
    tap.equal(status, 0, 'the second is removed', err)
    good_one(relay, 'two identities')


def bad_keys(relay):
    with open('secrets/wrong', 'w', encoding='ascii') as file:
        file.write('not-the-password\n')
    os.chmod('secrets/wrong', 0o600)
    rows = [('an expired certificate', 'identity-vencida.xml', 'expired'),
            ('a wrong key password', identity_file('equivocada', 'uno', 'pki/efirma-uno.password', 'secrets/wrong'), 'password')]
    for name, file, text in rows:
        status, said, err = run('identities', 'add', file)
        tap.ok(status == 3 and text in err and len(err.splitlines()) == 1, f'{name}: exit 3 and one line', f'{status}\n{said}\n{err}')
        tap.ok('not-the-password' not in said + err + relay.said(), f'{name}: no password is shown')
    good_one(relay, 'bad keys')


def second_owners(relay):
    for name, options, text in (('a second daemon on the same ledger', ['--set', 'listen='], 'ledger'),
                                ('a port in use', ['--set', 'ledger=other.db', '--set', f'listen=127.0.0.1:{relay.port}'], str(relay.port))):
        status, out, err = run(*options, program='greenlaned')
        lines = [line for line in err.splitlines() if line.startswith('greenlaned: ')]
        tap.ok(status == 3 and text in err and len(lines) == 1, f'{name}: exit 3 and one line', f'{status}\n{out}\n{err}')
        good_one(relay, name)
    status, out, err = run('--config', 'none.xml', program='greenlaned')
    tap.ok(status == 2 and 'none.xml' in err, 'a settings file that is not there: exit 2', f'{status} {err}')


def full_disk(relay):
    before = relay.ask('GET', '/v1/declarations?limit=1000').text.count('"lrn"')
    soft, hard = resource.prlimit(relay.process.pid, resource.RLIMIT_FSIZE)
    size = min(os.path.getsize(name) for name in os.listdir('.') if re.fullmatch(r'ledger\.db(-wal)?', name))
    resource.prlimit(relay.process.pid, resource.RLIMIT_FSIZE, (min(size, 4096), hard))
    data = fresh()
    answer = relay.ask('POST', '/v1/declarations?to=us-ace', data)
    is_problem(answer, 503, '', 'a full disk')
    tap.ok(answer.headers.get('Retry-After') is not None, 'it says to try again', answer.headers)
    tap.equal(relay.ask('GET', '/healthz').status, 200, 'the daemon lives on')
    resource.prlimit(relay.process.pid, resource.RLIMIT_FSIZE, (soft, hard))
    answer = relay.ask('POST', '/v1/declarations?to=us-ace', data)
    tap.equal(answer.status, 201, 'with room again the same declaration is taken', answer.text)
    after = relay.ask('GET', '/v1/declarations?limit=1000').text.count('"lrn"')
    tap.equal(after, before + 1, 'and stands in the ledger once')


def unreadable_ledger():
    for name, make in (('a ledger that is no database', lambda path: open(path, 'wb').write(b'no database ' * 999)),
                       ('a ledger that is a folder', os.mkdir)):
        make('broken.db')
        for program, words in (('greenlane', ['list', '--ledger=broken.db']), ('greenlaned', ['--set', 'ledger=broken.db'])):
            status, out, err = run(*words, program=program)
            lines = [line for line in err.splitlines() if line.startswith(program + ': ')]
            tap.ok(status == 3 and 'broken.db' in err and len(lines) == 1, f'{name}: {program} ends with 3 and names it',
                   f'{status}\n{out}\n{err}')
        if os.path.isdir('broken.db'):
            shutil.rmtree('broken.db')
        else:
            os.unlink('broken.db')


def main():
    relay = Relay()
    good_one(relay, 'the start')
    for part in (bad_inputs, too_large, wrong_calls, two_identities, bad_keys, second_owners, full_disk):
        part(relay)
    accepted = relay.ask('GET', '/v1/declarations?limit=1000').text.count('"lrn"')
    tap.equal(relay.stop(), 0, 'the daemon ends as asked', relay.said()[-2000:])
    status, out, err = run('ledger', 'verify')
    tap.equal(status, 0, 'the ledger is whole', out + err)
    status, out, err = run('list', '--json', '--limit=1000')
    tap.ok(out.count('"lrn"') == accepted > 20, 'and holds all that was accepted', f'{out.count(chr(34) + "lrn")} of {accepted} {err}')
    unreadable_ledger()
    return tap.done()


sys.exit(main())
