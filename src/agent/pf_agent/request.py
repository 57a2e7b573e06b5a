"""One request of a client, from its arrival to its answer."""

import threading
from itertools import chain
from queue import SimpleQueue

from pf_agent import frames
from pf_agent.cancel import Cancel
from pf_agent.errors import AgentError, ConnectionClosed, cancelled
from pf_agent.raw import RawJson


class Request:
    """`args`: what the client gave; `cancel`: set when it cancels or is gone; `inputs`: what it sent afterwards."""

    def __init__(self, connection, identifier, op, args):
        self.connection = connection
        self.id = identifier
        self.op = op
        self.args = args
        self.cancel = Cancel()
        self.inputs = SimpleQueue()
        self.on_answered = lambda: None
        self._credit = threading.Semaphore(frames.WINDOW)
        self._sending = threading.Lock()

    def text(self, name, default=None):
        """A string among the arguments."""
        return self._typed(name, str, default, "a string")

    def mapping(self, name):
        """An object among the arguments; {} when it is left out."""
        return self._typed(name, dict, {}, "an object")

    def flag(self, name):
        return self._typed(name, bool, False, "true or false")

    def number(self, name, default=None):
        value = self._typed(name, (int, float), default, "a number")
        if isinstance(value, bool) or (value is not None and not 0 <= value < 1e9):
            raise AgentError("usage", "%s: %s is out of range." % (self.op, name))
        return value

    def _typed(self, name, kind, default, words):
        value = self.args.get(name)
        if value is None:
            return default
        if not isinstance(value, kind):
            raise AgentError("usage", "%s: %s must be %s." % (self.op, name, words))
        return value

    def environment(self):
        """The variables that came with the request, as strings."""
        return {str(key): str(value) for key, value in self.mapping("environment").items() if value is not None}

    def check(self):
        if self.cancel.is_set():
            raise cancelled()

    def event(self, name, data):
        self._send([frames.encode({"id": self.id, "event": name, "data": data})])

    def result(self, value):
        head = '{"id":%s,"result":' % frames.encode(self.id)
        if isinstance(value, RawJson):
            self._send(chain([head], value.parts, ["}"]))
        else:
            self._send([head, frames.encode(value), "}"])

    def error(self, described):
        self._send([frames.encode({"id": self.id, "error": described})])

    def credit(self, parts):
        for _ in range(min(parts, frames.WINDOW)):
            self._credit.release()

    def _send(self, pieces):
        # One message of an id at a time: the parts of two would be joined to nonsense.
        with self._sending:
            parts = frames.cut(pieces)
            held = next(parts)
            following = next(parts, None)
            if following is None:
                return self.connection.send(held)
            while following is not None:
                self._send_part(held, False)
                held, following = following, next(parts, None)
            self._send_part(held, True)

    def _send_part(self, text, last):
        self._credit.acquire()
        if self.connection.closed:
            raise ConnectionClosed
        self.connection.send(frames.part(self.id, text, last))
