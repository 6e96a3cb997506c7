"""A server that answers each POST with ./answer.status and ./answer.body, and writes what it got to ./wire.txt. Prints its port."""

import http.server


def read(name):
    with open(name, 'rb') as file:
        return file.read()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers['Content-Length']))
        with open('wire.txt', 'wb') as file:
            file.write(bytes(self.headers) + body)
        answer = read('answer.body')
        self.send_response(int(read('answer.status')))
        self.send_header('Content-Type', 'text/xml')
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
print('port', server.server_port, flush=True)
server.serve_forever()
