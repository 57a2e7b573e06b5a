"""The state that clients watch."""

import threading

# Between two states that a watcher gets, in seconds.
PAUSE = 0.25


class Board:
    """`build()` gives the State of docs/protocol.md; `changed()` is told of anything it is made from."""

    def __init__(self, build):
        self.build = build
        self._version = 0
        self._news = threading.Condition()

    def changed(self):
        with self._news:
            self._version += 1
            self._news.notify_all()

    def watch(self, request):
        """The present state first, then each that differs; the last one is the result."""
        off = request.cancel.on_set(self._wake)
        seen, sent = None, None
        try:
            while not request.cancel.is_set():
                seen = self._await(seen, request.cancel)
                state = self.build()
                if state != sent:
                    request.event("state", state)
                    sent = state
                request.cancel.wait(PAUSE)
        finally:
            off()
        return self.build()

    def _await(self, seen, cancel):
        with self._news:
            self._news.wait_for(lambda: self._version != seen or cancel.is_set())
            return self._version

    def _wake(self):
        with self._news:
            self._news.notify_all()
