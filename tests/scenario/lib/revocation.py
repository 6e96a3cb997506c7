"""An authority's lists and its responder, over HTTP on a free port: revocation.py PKI CA OTHER-CA LOG. Prints its port; writes a line for each request.

GET /list: its list. /old: one whose next update has passed. POST /ocsp: answers by `openssl ocsp`; /stranger: the same, signed by OTHER-CA."""

import http.server
import os
import subprocess
import sys

PKI, CA, OTHER, LOG = sys.argv[1:5]


def key(name):
    return os.path.join(PKI, '.' + name, 'ca.key')


def openssl(*words, given=None):
    return subprocess.run(['openssl', *words], input=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def answer(request, signer):
    with open('request.der', 'wb') as file:
        file.write(request)
    openssl('ocsp', '-index', os.path.join(PKI, '.' + CA, 'index'), '-CA', os.path.join(PKI, CA + '.pem'), '-rsigner',
            os.path.join(PKI, signer + '.pem'), '-rkey', key(signer), '-reqin', 'request.der', '-respout', 'answer.der')
    with open('answer.der', 'rb') as file:
        return file.read()


def listed(path):
    with open(path, 'rb') as file:
        return openssl('crl', '-outform', 'DER', given=file.read())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def reply(self, body):
        with open(LOG, 'a', encoding='ascii') as log:
            print(self.path, file=log)
        self.send_response(200 if body else 404)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        lists = {'/list': CA + '-list.pem', '/old': CA + '-old.pem'}
        self.reply(listed(os.path.join(PKI, lists[self.path])) if self.path in lists else b'')

    def do_POST(self):
        request = self.rfile.read(int(self.headers['Content-Length']))
        signers = {'/ocsp': CA, '/stranger': OTHER}
        self.reply(answer(request, signers[self.path]) if self.path in signers else b'')

    def log_message(self, *_):
        pass


with http.server.HTTPServer(('127.0.0.1', 0), Handler) as server:
    print('port', server.server_port, flush=True)
    server.serve_forever()
