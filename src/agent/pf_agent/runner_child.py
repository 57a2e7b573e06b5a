"""The agent's ends of one child: the channel it talks on, its stdout and stderr, and how it ended."""

import json
import os
import select
import socket
import threading
import time

from pf_runner import frames

READ_SIZE = 256 * 1024
TURN_SECONDS = 0.05


class Child:
    def __init__(self, name):
        self.name = name
        self.channel, other = socket.socketpair()
        self.stdout, stdout = os.pipe()
        self.stderr, stderr = os.pipe()
        self._theirs = [other.detach(), stdout, stderr]
        self._frames = frames.Frames()
        self._waiting = []
        self._is_ready = False
        self._closed = False
        self.problem = None
        self.exit = None
        self.pid = None
        self.ended = threading.Event()

    def hand_over(self):
        """The descriptors that the child gets; forget_handed_over closes ours."""
        return self._theirs

    def forget_handed_over(self):
        for descriptor in self._theirs:
            os.close(descriptor)
        self._theirs = []

    def end(self, how):
        self.exit = how
        self.ended.set()

    def wait_ready(self, cancelled):
        """True once the child waits for a request; False when it ended, could not load or `cancelled()`."""
        while not self._is_ready and not self.problem:
            if cancelled() or (self.ended.is_set() and not self._has_input(0)):
                return False
            if self._has_input(TURN_SECONDS):
                for header, _ in self.receive():
                    self._is_ready = self._is_ready or header["t"] == "ready"
                    self.problem = header.get("problem")
                if self._closed:
                    self.ended.wait(1)
                    return False
        return self._is_ready

    def ask(self, request):
        self.channel.sendall(frames.pack({"t": "run"}, json.dumps(request).encode("utf-8")))

    def receive(self):
        """The frames that have come; none once the other side is closed."""
        try:
            data = self.channel.recv(READ_SIZE)
        except ConnectionResetError:
            data = b""
        self._closed = not data
        return self._frames.feed(data)

    @property
    def is_closed(self):
        return self._closed

    def close(self):
        self.forget_handed_over()
        self.channel.close()
        for descriptor in (self.stdout, self.stderr):
            os.close(descriptor)

    def _has_input(self, seconds):
        poller = select.poll()
        poller.register(self.channel, select.POLLIN)
        return bool(poller.poll(int(seconds * 1000)))


def wait(event, seconds, cancelled):
    """Waits for an event in turns; False when the time is over or `cancelled()`."""
    until = time.monotonic() + seconds
    while not event.wait(TURN_SECONDS):
        if cancelled() or time.monotonic() > until:
            return False
    return True
