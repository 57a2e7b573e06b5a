"""The terminal operation: a shell on a terminal of its own, for as long as its client wants it."""

import base64
import binascii
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import threading

from pf_agent import shells
from pf_agent.errors import ConnectionClosed, cancelled
from pf_agent.script import PIECE, Script

# From the hang-up to the kill, in seconds.
_PATIENCE = 2
_CHILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "terminal_child.py")


class Terminal:
    """One shell. `busy()`: whether something but the shell itself has the foreground."""

    def __init__(self, columns, rows, cwd, environment, scratch):
        self._master, slave = os.openpty()
        try:
            self.resize(columns, rows)
            argv, environment = shells.command(environment, scratch)
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-E", _CHILD, *argv],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=cwd,
                env={**environment, "TERM": environment.get("TERM", "xterm-256color")},
                start_new_session=True,
            )
        except BaseException:
            os.close(self._master)
            raise
        finally:
            os.close(slave)
        self._guard = threading.Lock()

    def resize(self, columns, rows):
        try:
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        except OSError:
            # The shell has just ended.
            pass

    def read(self):
        """The next output; b"" when the shell is gone."""
        try:
            return os.read(self._master, PIECE)
        except OSError:
            return b""

    def write(self, data):
        """Everything, however long the program inside takes to read it; its end ends the wait too."""
        while data:
            try:
                data = data[os.write(self._master, data) :]
            except OSError:
                return

    def end(self):
        """As Ctrl-D at the keyboard."""
        self.write(b"\x04")

    def busy(self):
        with self._guard:
            if self._master is None:
                return False
            try:
                return os.tcgetpgrp(self._master) not in (0, self._process.pid)
            except OSError:
                return False

    def exit_code(self):
        """Waits for the shell; killed by a signal: 128 + its number, as shells say it."""
        code = self._process.wait()
        return code if code >= 0 else 128 - code

    def hang_up(self):
        """What a terminal does whose window is closed."""
        self._signal(signal.SIGHUP)
        self._signal(signal.SIGCONT)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)

    def kill(self):
        self._signal(signal.SIGKILL)

    def close(self):
        with self._guard:
            os.close(self._master)
            self._master = None

    def _signal(self, number):
        try:
            groups = {self._process.pid, os.tcgetpgrp(self._master)} - {0}
        except (OSError, TypeError):
            groups = {self._process.pid}
        for group in groups:
            try:
                os.killpg(group, number)
            except (ProcessLookupError, PermissionError):
                pass


class Terminals:
    """All of a session."""

    def __init__(self, session):
        self._session = session
        self._open = []

    def __len__(self):
        return len(self._open)

    def watch(self):
        """For the idle watch: a program that runs in the foreground is activity."""
        if any(terminal.busy() for terminal in list(self._open)):
            self._session.idle.touch()

    def close(self):
        for terminal in list(self._open):
            terminal.kill()

    def open(self, request):
        """A shell from its first prompt to its exit code."""
        session = self._session
        columns, rows = clamp(request.number("columns", 80)), clamp(request.number("rows", 24))
        session.layer.await_made(request.cancel)
        where = session.folder(), session.environment()
        plain = request.flag("plain")
        terminal = Script(*where) if plain else Terminal(columns, rows, *where, session.config["runtimeDir"])
        self._open.append(terminal)
        session.idle.touch()
        session.board.changed()
        off = request.cancel.on_set(lambda: threading.Thread(target=terminal.hang_up, daemon=True).start())
        feeder = threading.Thread(target=self._feed, args=(request, terminal), daemon=True)
        feeder.start()
        try:
            self._pass_on(request, terminal)
            code = terminal.exit_code()
        finally:
            off()
            request.inputs.put(None)
            feeder.join(1)
            self._open.remove(terminal)
            terminal.close()
            session.board.changed()
        if request.cancel.is_set():
            raise cancelled()
        return {"exitCode": code}

    def _pass_on(self, request, terminal):
        while True:
            data = terminal.read()
            if not data:
                return
            self._session.idle.touch()
            try:
                request.event("data", {"base64": base64.b64encode(data).decode("ascii")})
            except ConnectionClosed:
                # The hang-up is on its way; until then the shell must not block on us.
                continue

    def _feed(self, request, terminal):
        while True:
            given = request.inputs.get()
            if given is None:
                return
            self._session.idle.touch()
            if "columns" in given or "rows" in given:
                terminal.resize(clamp(given.get("columns", 80)), clamp(given.get("rows", 24)))
            if isinstance(given.get("base64"), str):
                terminal.write(decoded(given["base64"]))
            if given.get("end"):
                terminal.end()


def decoded(text):
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""


def clamp(value):
    """A size that a terminal may have."""
    return min(max(int(value), 1), 10_000) if isinstance(value, (int, float)) else 80
