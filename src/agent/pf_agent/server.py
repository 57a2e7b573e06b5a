"""The socket: who may connect, and one connection each."""

import os
import socket
import struct
import sys
import threading
import time

from pf_agent.connection import Connection
from pf_agent.log import log

_DARWIN_LOCAL_PEERCRED = 1


class Server:
    """`hello()`: what each client is greeted with; `perform(request)`: does a request's work."""

    def __init__(self, listener, hello, perform):
        self._listener = socket.socket(fileno=listener.detach())
        self._hello = hello
        self._perform = perform
        self._connections = set()
        self._guard = threading.Lock()
        self._stopped = False

    def start(self):
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self, farewell):
        """Every client hears why."""
        self._stopped = True
        self._listener.close()
        with self._guard:
            connections = list(self._connections)
        leaving = [
            threading.Thread(target=connection.leave, args=("session-lost", farewell), daemon=True)
            for connection in connections
        ]
        for thread in leaving:
            thread.start()
        for thread in leaving:
            thread.join(0.3)

    def _accept(self):
        while not self._stopped:
            try:
                sock, _ = self._listener.accept()
            except OSError as error:
                if not self._stopped:
                    # Out of descriptors: clients that leave free some.
                    log("cannot accept: %s" % error)
                    time.sleep(0.1)
                continue
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        if peer_uid(sock) not in (os.getuid(), 0):
            log("refused a client of another user")
            return sock.close()
        connection = Connection(sock, self._perform)
        with self._guard:
            self._connections.add(connection)
        try:
            connection.serve(self._hello())
        finally:
            with self._guard:
                self._connections.discard(connection)
            sock.close()


def peer_uid(sock):
    """The user at the other end."""
    if sys.platform == "darwin":
        return struct.unpack_from("II", sock.getsockopt(0, _DARWIN_LOCAL_PEERCRED, 76))[1]
    return struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))[1]
