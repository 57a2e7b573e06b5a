"""A client that speaks the agent's protocol over its real socket."""

import itertools
import json
import socket
import struct
import threading

# A requirement of the product is never this generous; a machine under load may be.
PATIENCE = 60


class Client:
    """One connection. Events of a request are collected under its id."""

    def __init__(self, path, credit=True):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(path)
        self._file = self._socket.makefile("rb")
        self._ids = itertools.count(1)
        self._news = threading.Condition()
        self._credit = credit
        self._parts = {}
        self.most_parts = {}
        self.events = {}
        self.answers = {}
        self.loose = []
        self.closed = False
        self.hello = self._read()["hello"]
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, message):
        data = json.dumps(message).encode("utf-8")
        self.send_bytes(struct.pack(">I", len(data)) + data)

    def send_bytes(self, data):
        self._socket.sendall(data)

    def begin(self, op, **args):
        """Sends a request; its id."""
        identifier = next(self._ids)
        self.events[identifier] = []
        self.send({"id": identifier, "op": op, "args": args})
        return identifier

    def end(self, identifier, timeout=PATIENCE):
        """The answer: {"result"} or {"error"}."""
        with self._news:
            self._news.wait_for(lambda: identifier in self.answers or self.closed, timeout)
            if identifier not in self.answers:
                raise AssertionError("no answer to %s; closed: %s" % (identifier, self.closed))
            return self.answers[identifier]

    def call(self, op, **args):
        """The result; an error of the agent's fails the test."""
        answer = self.end(self.begin(op, **args))
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    def error(self, op, **args):
        return self.end(self.begin(op, **args))["error"]

    def await_event(self, identifier, condition, timeout=PATIENCE):
        """The first event's data, of any name, for which `condition(name, data)` holds."""

        def find():
            return [data for name, data in self.events[identifier] if condition(name, data)]

        with self._news:
            self._news.wait_for(lambda: find() or self.closed or identifier in self.answers, timeout)
        found = find()
        if not found:
            raise AssertionError("no such event among %r" % self.events[identifier][-20:])
        return found[0]

    def await_close(self, timeout=PATIENCE):
        with self._news:
            return self._news.wait_for(lambda: self.closed, timeout)

    def lines(self, identifier):
        return [data["line"] for name, data in self.events[identifier] if name == "log"]

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def _read(self):
        header = self._file.read(4)
        if len(header) < 4:
            return None
        (length,) = struct.unpack(">I", header)
        assert length <= 1 << 20, length
        return json.loads(self._file.read(length))

    def _listen(self):
        try:
            for message in iter(self._read, None):
                self._take(message)
        except (OSError, ValueError):
            pass
        with self._news:
            self.closed = True
            self._news.notify_all()

    def _take(self, message):
        identifier = message.get("id")
        if "part" in message:
            parts = self._parts.setdefault(identifier, [])
            parts.append(message["part"])
            self.most_parts[identifier] = len(parts)
            if self._credit:
                self.send({"id": identifier, "credit": 1})
            if not message["last"]:
                return
            message = json.loads("".join(self._parts.pop(identifier)))
        with self._news:
            if "event" in message:
                self.events[identifier].append((message["event"], message["data"]))
            elif "result" in message or "error" in message:
                self.answers[identifier] = message
            else:
                self.loose.append(message)
            self._news.notify_all()
