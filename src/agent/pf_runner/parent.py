"""The parent: one thread, promptflow loaded, does nothing but start children and clear up after them.

`python parent.py fork|spawn DESCRIPTOR`: the descriptor is a socket to the agent, closed when this process may end.
`fork`: promptflow is loaded here and a child is a copy of this process. `spawn`: where a fork is not safe (macOS), a
child is a new process that loads promptflow by itself, started before it is needed.
"""

import contextlib
import fcntl
import os
import select
import signal
import socket
import sys


def main(strategy, descriptor):
    from pf_runner import family, frames, spares

    control = socket.socket(fileno=descriptor)
    control.set_inheritable(False)
    family.adopt_orphans()
    starter = spares.Fork(control) if strategy == "fork" else spares.Spawn(control)
    with leaving_with_the_agent(control):
        problem = starter.load()
    if problem:
        control.sendall(frames.pack({"failed": problem}))
        return
    control.sendall(frames.pack({"loaded": True}))
    Parent(control, starter).serve()


@contextlib.contextmanager
def leaving_with_the_agent(control):
    """While promptflow loads nobody reads the socket; the agent's end comes as a signal then."""

    def look(*_):
        with contextlib.suppress(BlockingIOError):
            if not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                os._exit(0)

    flags = fcntl.fcntl(control, fcntl.F_GETFL)
    before = signal.signal(signal.SIGIO, look)
    fcntl.fcntl(control, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(control, fcntl.F_SETFL, flags | os.O_ASYNC)
    try:
        look()
        yield
    finally:
        fcntl.fcntl(control, fcntl.F_SETFL, flags)
        signal.signal(signal.SIGIO, before)


class Parent:
    def __init__(self, control, starter):
        from pf_runner import family, frames, oom, spares

        self._family, self._frames, self._oom = family, frames, oom
        self._control = control
        self._starter = starter
        self._fresh = spares.Spawn(control)
        self._children = {}
        self._kills_before = {}
        self._probes = {}

    def serve(self):
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        os.set_blocking(reading, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._starter.close_in_child([reading, writing])
        poller = select.poll()
        poller.register(self._control, select.POLLIN)
        poller.register(reading, select.POLLIN)
        incoming = self._frames.Frames()
        try:
            while True:
                ready = [descriptor for descriptor, _ in poller.poll()]
                if reading in ready:
                    os.read(reading, 4096)
                    self._reap()
                if self._control.fileno() in ready:
                    data, descriptors = self._frames.receive_with_descriptors(self._control)
                    if not data:
                        return
                    for header, _ in incoming.feed(data):
                        self._obey(header, descriptors)
        finally:
            for pid in self._children:
                self._family.kill_group(pid)
            self._family.kill_strangers(())

    def _obey(self, header, descriptors):
        if "spare" in header:
            self._start(header, descriptors)
        elif "preload" in header:
            self._probes[self._starter.probe(header["preload"][1:])] = header["preload"]
        pid = next((pid for pid, name in self._children.items() if name == header.get("child")), None)
        if pid is None:
            return
        if header["do"] == "interrupt":
            os.kill(pid, signal.SIGINT)
        elif header["do"] == "kill":
            self._family.kill_group(pid)

    def _start(self, header, descriptors):
        name = header["spare"]
        starter = self._fresh if header.get("fresh") else self._starter
        try:
            pid = starter.start(descriptors)
        except OSError as error:
            self._send({"ended": name, "code": None, "signal": None, "problem": str(error)})
            return
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        self._children[pid] = name
        self._kills_before[pid] = self._oom.kills()
        self._send({"started": name, "pid": pid})

    def _reap(self):
        """Takes what ended, then ends whatever an ended child left running: orphans come to this process."""
        ended = []
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == 0:
                break
            if pid in self._probes:
                self._preload(self._probes.pop(pid), status)
            elif pid in self._children:
                ended.append((pid, self._children.pop(pid), status))
        if not ended:
            return
        for pid, _, _ in ended:
            self._family.kill_group(pid)
        self._family.kill_strangers({*self._children, *self._probes})
        for pid, name, status in ended:
            code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
            killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
            memory = killed == signal.SIGKILL and self._oom.kills() > self._kills_before[pid]
            del self._kills_before[pid]
            self._send({"ended": name, "code": code, "signal": killed, "memory": memory})

    def _preload(self, group, status):
        """A copy tried: if that went well, here too."""
        whole = status == 0 and self._starter.preload(group[1:])
        self._send({"preloaded": group[0], "fine": bool(whole), "spoiled": status == 0 and not whole})

    def _send(self, header):
        try:
            self._control.sendall(self._frames.pack(header))
        except OSError:
            pass


def _start_alone():
    """Leaves no trace of this file where flows see it: on sys.path, or as __main__, which `spawn` would re-import."""
    import types

    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry and os.path.abspath(entry) != here]
    arguments = sys.argv[1:]
    sys.argv = ["pf"]
    sys.path.insert(0, os.path.dirname(here))
    from pf_runner import child, family, frames, oom, spares  # noqa: F401

    del sys.path[0]
    sys.modules["__main__"] = types.ModuleType("__main__")
    sys.modules["__main__"].__spec__ = None
    if arguments[0] == "child":
        spares.begin_alone([int(number) for number in arguments[1:]])
    else:
        main(arguments[0], int(arguments[1]))


if __name__ == "__main__":
    _start_alone()
