"""One client: a thread that reads, and the requests it has open."""

import socket
import struct
import threading

from pf_agent import frames
from pf_agent.errors import ConnectionClosed, ProtocolError, describe
from pf_agent.log import log
from pf_agent.request import Request

# A client that has read nothing for so long, while there was something to read, is given up.
SEND_TIMEOUT = 120


class Connection:
    """`perform(request)` does the work of a request in a thread of its own and returns the result."""

    def __init__(self, sock, perform):
        self._socket = sock
        self._file = sock.makefile("rb", 64 * 1024)
        self._perform = perform
        self._writing = threading.Lock()
        self._requests = {}
        self._parts = {}
        self._guard = threading.Lock()
        self.closed = False
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_TIMEOUT, 0))

    def serve(self, hello):
        """Reads until the client goes; its requests are cancelled then."""
        try:
            self.send(frames.encode({"hello": hello}))
            while not self.closed:
                message = frames.read_frame(self._file)
                if message is None:
                    return
                self._receive(message)
        except ProtocolError as error:
            self.leave("protocol", str(error))
        except (ConnectionClosed, OSError, ValueError):
            return
        finally:
            self.close()

    def send(self, text):
        """One frame; blocks while the client does not read."""
        try:
            with self._writing:
                if self.closed:
                    raise ConnectionClosed
                self._socket.sendall(frames.frame(text))
        except OSError as error:
            self.close()
            raise ConnectionClosed from error

    def close(self):
        with self._guard:
            first = not self.closed
            self.closed = True
            requests = list(self._requests.values())
        if not first:
            return
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        for request in requests:
            request.cancel.set()
            request.credit(frames.WINDOW)

    def leave(self, kind, message):
        """The last word to this client, unless it does not listen."""
        try:
            self._socket.settimeout(0.2)
            self.send(frames.encode({"fatal": {"kind": kind, "message": message}}))
        except (ConnectionClosed, OSError):
            pass
        self.close()

    def _receive(self, message):
        if "ping" in message:
            self.send(frames.encode({"pong": message["ping"]}))
        elif "id" not in message or not isinstance(message["id"], (int, str)):
            raise ProtocolError("A message has no id.")
        elif "part" in message:
            self._join(message)
        elif "op" in message:
            self._begin(message)
        else:
            self._continue(message)

    def _join(self, message):
        identifier, text = message["id"], message["part"]
        if not isinstance(text, str):
            raise ProtocolError("A part holds no text.")
        parts = self._parts.setdefault(identifier, [])
        parts.append(text)
        if sum(map(len, parts)) > frames.MAX_MESSAGE:
            raise ProtocolError("A message is longer than %d." % frames.MAX_MESSAGE)
        self.send(frames.encode({"id": identifier, "credit": 1}))
        if message.get("last") is True:
            whole = frames.parse("".join(self._parts.pop(identifier)))
            if whole.get("id") != identifier or "part" in whole:
                raise ProtocolError("The parts of %s hold another message." % identifier)
            self._receive(whole)

    def _begin(self, message):
        identifier, args = message["id"], message.get("args")
        request = Request(self, identifier, message["op"], args if isinstance(args, dict) else {})
        with self._guard:
            known = identifier in self._requests
            if not known and not self.closed:
                self._requests[identifier] = request
        if known:
            raise ProtocolError("The id %s is in use." % identifier)
        threading.Thread(target=self._answer, args=(request,), daemon=True).start()

    def _continue(self, message):
        """Cancel, input, credit; for a request that is answered already they come too late and mean nothing."""
        if message.get("cancel"):
            self._parts.pop(message["id"], None)
        request = self._requests.get(message["id"])
        if request is None:
            return
        if message.get("cancel"):
            # Not in this thread: what a cancel sets going may take a moment, and this one must go on reading.
            threading.Thread(target=request.cancel.set, daemon=True).start()
        if isinstance(message.get("input"), dict):
            request.inputs.put(message["input"])
        if isinstance(message.get("credit"), int):
            request.credit(message["credit"])

    def _answer(self, request):
        try:
            self._respond(request)
        except ConnectionClosed:
            pass
        finally:
            with self._guard:
                self._requests.pop(request.id, None)
            request.on_answered()

    def _respond(self, request):
        """Whatever goes wrong in one request, also in the middle of its result, is that request's answer."""
        try:
            request.result(self._perform(request))
        except ConnectionClosed:
            raise
        except Exception as error:
            described = describe(error)
            if described["kind"] == "internal":
                log("%s: %s" % (request.op, described["message"]), error)
            request.error(described)
