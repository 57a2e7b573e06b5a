"""Proxies that want a password, reached through relays on loopback: the password stands in no environment block.

A relay lives as long as the operation that brought the proxy's URL, and serves this user's processes only.
"""

import base64
import contextlib
import os
import socket
import threading
from urllib.parse import unquote, urlsplit

_LONGEST_HEAD = 64 * 1024
_PIECE = 64 * 1024
_CONNECT_SECONDS = 30
_USERS_OF_CONNECTIONS = "/proc/net/tcp"
_REFUSED = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@contextlib.contextmanager
def relayed(variables):
    """The variables with relays in place of proxies with a password.

    Where the owner of a connection cannot be told, and for proxies not spoken to by plain HTTP, they stay as they are.
    """
    relays = {}
    try:
        for name, value in variables.items():
            if is_proxy(name) and value not in relays and wants_password(value):
                relays[value] = Relay(value)
        yield {
            name: relays[value].url if is_proxy(name) and value in relays else value
            for name, value in variables.items()
        }
    finally:
        for relay in relays.values():
            relay.close()


def is_proxy(name):
    return name.upper() in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "PIP_PROXY")


def wants_password(value):
    try:
        url = parse(value)
        return url.scheme == "http" and bool(url.username) and os.path.exists(_USERS_OF_CONNECTIONS)
    except ValueError:
        return False


def parse(value):
    """A proxy may be given without a scheme."""
    return urlsplit(value if "://" in value else "http://" + value)


class Relay:
    """`url`: what to use instead of the proxy. Passes on what comes, with the proxy's credentials in the first head."""

    def __init__(self, proxy):
        self._proxy = parse(proxy)
        pair = "%s:%s" % (unquote(self._proxy.username), unquote(self._proxy.password or ""))
        coded = base64.b64encode(pair.encode("utf-8"))
        self._header = b"Proxy-Authorization: Basic " + coded + b"\r\n"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open = set()
        self._port = self._listener.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self._port
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        for each in [self._listener, *self._open]:
            shut(each)

    def _accept(self):
        while True:
            try:
                near, address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near, address[1]), daemon=True).start()

    def _serve(self, near, port):
        with near:
            self._open.add(near)
            try:
                if owner_of(port, self._port) == os.getuid():
                    self._pass(near)
            except (OSError, ValueError):
                pass
            finally:
                self._open.discard(near)

    def _pass(self, near):
        head, rest = read_head(near)
        try:
            far = self._connect()
        except OSError:
            return near.sendall(_REFUSED)
        with far:
            self._open.add(far)
            far.sendall(self._authorised(head) + rest)
            back = threading.Thread(target=pump, args=(far, near), daemon=True)
            back.start()
            pump(near, far)
            back.join()
            self._open.discard(far)

    def _connect(self):
        far = socket.create_connection((self._proxy.hostname, self._proxy.port or 80), _CONNECT_SECONDS)
        far.settimeout(None)
        return far

    def _authorised(self, head):
        """Only the first request of a connection is seen: unless it opens a tunnel, it is made the only one."""
        first, _, others = head.partition(b"\r\n")
        lines = [line for line in others.split(b"\r\n") if line]
        if not first.startswith(b"CONNECT "):
            lines = [line for line in lines if not line.lower().startswith((b"connection:", b"proxy-connection:"))]
            lines.append(b"Connection: close")
        return first + b"\r\n" + self._header + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def read_head(near):
    """(head with its last blank line, what came after it)."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = near.recv(_PIECE)
        if not piece or len(data) > _LONGEST_HEAD:
            raise ValueError("no request")
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head + b"\r\n", rest


def pump(source, target):
    """Until the source ends; the target is told."""
    try:
        while True:
            piece = source.recv(_PIECE)
            if not piece:
                break
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        shut(source)
        shut(target)


def shut(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


def owner_of(near, far):
    """User id of the process that connected from the port `near` to `far`, both of loopback; None: nobody did."""
    wanted = ["0100007F:%04X" % port for port in (near, far)]
    with open(_USERS_OF_CONNECTIONS) as file:
        rows = [line.split() for line in file]
    # A socket that its process has closed already has no inode, and root's number.
    return next((int(row[7]) for row in rows if row[1:3] == wanted and row[9] != "0"), None)
