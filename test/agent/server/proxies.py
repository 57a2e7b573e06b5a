"""A proxy on loopback that wants a password."""

import base64
import http.server
import os
import socket
import threading

# Nobody else's: the same tests run with other Pythons at the same time, and look at all processes.
PROXY_PASSWORD = "pr0xyPassw0rd%d" % os.getpid()


class Proxy(http.server.ThreadingHTTPServer):
    """Wants a password; fetches over HTTP and opens tunnels. `asked`: what it was asked for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked = []
        self.url = "http://me:%s@127.0.0.1:%d" % (PROXY_PASSWORD, self.server_port)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Asked(http.server.BaseHTTPRequestHandler):
    def allowed(self):
        wanted = "Basic " + base64.b64encode(("me:" + PROXY_PASSWORD).encode()).decode()
        if self.headers.get("Proxy-Authorization") != wanted:
            self.send_error(407)
            return False
        self.server.asked.append("%s %s" % (self.command, self.path))
        return True

    def do_GET(self):
        if not self.allowed():
            return
        host, _, path = self.path[len("http://") :].partition("/")
        with socket.create_connection(tuple(host.split(":"))) as far:
            far.sendall(("GET /%s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, host)).encode())
            while True:
                piece = far.recv(65536)
                if not piece:
                    break
                self.wfile.write(piece)
        self.close_connection = True

    def do_CONNECT(self):
        if self.allowed():
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.rfile.readline().upper())
            self.close_connection = True

    def log_message(self, *_):
        pass
