"""One parent process as the agent sees it: ordering children from it, and hearing how they ended."""

import os
import signal
import socket
import subprocess
import threading
import time

from pf_agent.runner_child import Child
from pf_runner import frames

PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "pf_runner", "parent.py")
READ_SIZE = 64 * 1024
# Seconds that a parent may take for a package (preload.PROBE_SECONDS).
LONGEST_LOAD = 60


class Parent:
    def __init__(self, python, environment, strategy, on_lost, on_preloaded):
        self._command = [python, PROGRAM, strategy]
        self._environment = environment
        self._on_lost = on_lost
        self._on_preloaded = on_preloaded
        self._lock = threading.Lock()
        self._children = {}
        self._spare = None
        self._made = 0
        self._retired = False
        self._process = None
        self._control = None
        self.problem = None
        self.settled = threading.Event()
        self.gone = threading.Event()

    def start(self):
        self._control, theirs = socket.socketpair()
        descriptor = theirs.fileno()
        self._process = subprocess.Popen(
            self._command + [str(descriptor)],
            env=self._environment,
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        threading.Thread(target=self._listen, name="runner-control", daemon=True).start()

    def processes(self):
        with self._lock:
            own = [self._process.pid] if self._process else []
            return own + [child.pid for child in self._children.values() if child.pid]

    @property
    def is_usable(self):
        return self.settled.is_set() and self.problem is None and not self.gone.is_set()

    def take(self, fresh=False):
        """The spare child, or one ordered now; `fresh`: one with nothing preloaded but promptflow. Give it back."""
        if fresh:
            return self._order(fresh=True)
        with self._lock:
            child, self._spare = self._spare, None
            if child is not None and not child.ended.is_set() and not self.gone.is_set():
                return child
        return self._order()

    def ensure_spare(self):
        with self._lock:
            wanted = self._spare is None and not self._retired and self.is_usable
        if wanted:
            child = self._order()
            with self._lock:
                if self._spare is None:
                    self._spare = child
        return self._spare

    def give_back(self, child):
        """After a run: the child is forgotten once it has ended."""
        with self._lock:
            if child.ended.is_set():
                self._children.pop(child.name, None)
        child.close()
        self._leave_when_done()

    def await_end(self, child):
        """Until it is told how a child ended that is seen to have; a parent that loads a package is late with that."""
        until = time.monotonic() + LONGEST_LOAD
        while not child.ended.wait(0.1) and not self.gone.is_set() and time.monotonic() < until:
            continue

    def interrupt(self, child):
        if not self._signal(os.kill, child, signal.SIGINT):
            self._send({"child": child.name, "do": "interrupt"})

    def kill(self, child):
        if not self._signal(os.killpg, child, signal.SIGKILL):
            self._send({"child": child.name, "do": "kill"})

    @staticmethod
    def _signal(send, child, number):
        """Not by the parent: it may be gone, or busy for a while with a package that it loads beforehand."""
        if not child.pid or child.ended.is_set():
            return False
        try:
            send(child.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def preload(self, group):
        """Asks for a top package and its modules to be loaded; `on_preloaded` hears what became of it."""
        self._send({"preload": group})

    def renew_spare(self):
        self._drop_spare()
        self.ensure_spare()

    def _drop_spare(self):
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None:
            spare.channel.shutdown(socket.SHUT_RDWR)

    def retire(self):
        """Ends the parent when its runs are done."""
        self._retired = True
        self._drop_spare()
        self._leave_when_done()

    def end(self):
        """Ends the parent and, by it, everything it started."""
        self._retired = True
        try:
            self._control.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        if not self.settled.is_set():
            # Still loading: it has started nothing yet, and would hear of its end only when it is done.
            self._process.kill()
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        with self._lock:
            left = list(self._children.values())
        for child in left:
            self._signal(os.killpg, child, signal.SIGKILL)

    def _leave_when_done(self):
        with self._lock:
            done = self._retired and not self._children
        if done and not self.gone.is_set():
            self.end()

    def _order(self, **how):
        with self._lock:
            self._made += 1
            child = Child(self._made)
            self._children[child.name] = child
        try:
            self._send(dict(how, spare=child.name), child.hand_over())
        finally:
            child.forget_handed_over()
        if self.gone.is_set():
            child.end({})
        return child

    def _send(self, header, descriptors=()):
        with self._lock:
            try:
                frames.send_with_descriptors(self._control, header, descriptors)
            except OSError:
                return

    def _listen(self):
        incoming = frames.Frames()
        while True:
            try:
                data = self._control.recv(READ_SIZE)
            except OSError:
                data = b""
            if not data:
                break
            for header, _ in incoming.feed(data):
                self._hear(header)
        self._process.wait()
        self.gone.set()
        if not self.settled.is_set():
            self.problem = {"kind": "failed", "message": "The runner ended with %s." % self._process.returncode}
            self.settled.set()
        if not self._retired:
            self._on_lost(self)

    def _hear(self, header):
        if "loaded" in header or "failed" in header:
            self.problem = header.get("failed")
            self.settled.set()
        elif "started" in header:
            with self._lock:
                child = self._children.get(header["started"])
            if child is not None:
                child.pid = header["pid"]
        elif "ended" in header:
            with self._lock:
                child = self._children.pop(header["ended"], None)
            if child is not None:
                child.end(header)
            self._leave_when_done()
        elif "preloaded" in header:
            self._on_preloaded(self, header)
