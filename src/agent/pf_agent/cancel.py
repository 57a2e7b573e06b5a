"""A threading.Event that tells whoever waits for something else."""

import threading


class Cancel(threading.Event):
    """Set once; callbacks run in the thread that sets it, or at once when it is set already."""

    def __init__(self):
        super().__init__()
        self._callbacks = []
        self._guard = threading.Lock()

    def on_set(self, callback):
        """Calls back once; returns a function that takes the callback away."""
        with self._guard:
            if not self.is_set():
                self._callbacks.append(callback)
                return lambda: self._drop(callback)
        callback()
        return lambda: None

    def set(self):
        with self._guard:
            first = not self.is_set()
            super().set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks if first else ():
            callback()

    def _drop(self, callback):
        with self._guard:
            if callback in self._callbacks:
                self._callbacks.remove(callback)
