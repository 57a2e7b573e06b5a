"""One session, put together: from the hello to the last thing it ends."""

import os
import signal
import threading
import time

from pf_agent import VERSION, idle, process
from pf_agent.board import Board
from pf_agent.errors import AgentError
from pf_agent.install import InstallDesk
from pf_agent.journal import Journal
from pf_agent.log import log
from pf_agent.operations import Operations
from pf_agent.packages import Packages
from pf_agent.server import Server
from pf_agent.start import identity
from pf_agent.terminal import Terminals

# What it does at its end may take so long, in seconds.
FAREWELL = 0.8
# How often an agent outside of a container looks whether its session is still there, in seconds.
FILES_TICK = 3
_FAREWELLS = {
    b"idle": "Idle for %s minutes.",
    b"shutdown": "The session was stopped.",
    b"signal": "The session was ended from outside.",
    b"taken away": "The session was removed.",
}


class Session:
    """What the operations share. `serve()` returns the agent's exit code."""

    def __init__(self, groundwork):
        greeting = groundwork.greeting
        self.config = greeting.config
        self._greeting = greeting
        self._groundwork = groundwork
        self._wakeup = os.pipe()
        os.set_blocking(self._wakeup[1], False)
        self._stopped = threading.Event()
        self.farewell = None
        self.size = self.config.get("size") or {"cpus": None, "memoryBytes": None}
        self.layer = groundwork.layer
        self.pool = groundwork.pool
        self.environment = groundwork.environment
        self.promptflow = self.layer.promptflow()
        self.board = Board(self.state)
        self.idle = idle.Idle(self.config.get("idleMinutes", 60) or 0, self.board.changed)
        self.journal = Journal(os.path.join(os.path.dirname(self.config["runsDir"]), "logs"))
        self.packages = Packages(self.layer, self.environment)
        self.installs = InstallDesk(self)
        self.terminals = Terminals(self)
        self.operations = Operations(self)
        groundwork.on_change = self.board.changed
        self._server = Server(greeting.listener, greeting.hello, self.operations.perform)

    def serve(self):
        """Until the idle time is over, a client or a signal says so."""
        # By the descriptor and not by the handler: that one waits for the main thread, which waits for the descriptor.
        signal.set_wakeup_fd(self._wakeup[1])
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        log("pf-session agent %s for %s" % (VERSION, self.config["flow"]["file"]))
        threading.Thread(target=self._find_promptflow, daemon=True).start()
        watch = (self.idle, self._stopped, self.terminals.watch, lambda: self.stop(b"idle"))
        threading.Thread(target=idle.watch, args=watch, daemon=True).start()
        if self.config.get("parentExit") == "process":
            threading.Thread(target=self._watch_files, daemon=True).start()
        self._server.start()
        said = os.read(self._wakeup[0], 64)
        reason = next((word for word in _FAREWELLS if said.startswith(word)), b"signal")
        log("ends: " + reason.decode("ascii"))
        self._end(reason)
        return 0

    def stop(self, reason):
        """From any thread."""
        try:
            os.write(self._wakeup[1], reason)
        except OSError:
            pass

    @property
    def stopping(self):
        return self._stopped.is_set()

    def folder(self):
        """The flow folder; the home where it cannot be seen."""
        wanted = self.config["flow"]["folder"]
        return wanted if os.path.isdir(wanted) else self.config["home"]

    def state(self):
        """State of docs/protocol.md."""
        remaining = self.idle.remaining()
        since = self.installs.since
        operation = {"kind": "install", "since": since} if since else None
        return {
            "python": {"version": self.layer.base.version, "executable": self.layer.python},
            "promptflow": self.promptflow,
            "environmentHash": self.config.get("environmentHash"),
            "idle": {"minutes": self.idle.minutes, "remainingSeconds": None if remaining is None else round(remaining)},
            "size": self.size,
            "requirements": self.installs.requirements,
            "operation": self.operations.shutdown or operation,
            "activeRuns": self.operations.active_runs,
            "activeTerminals": len(self.terminals),
            "runner": self.pool.status,
        }

    def packages_changed(self, outdated=True):
        """A new parent, and launchers for what was covered or uncovered."""
        self.layer.is_touched()
        self.promptflow = self.layer.promptflow()
        self.pool.replace(outdated)
        self._groundwork.write_launchers()

    def notice_packages(self):
        """Before a run: what somebody installed by hand since, in a terminal of the session for one."""
        if not self.installs.since and self.layer.is_touched():
            self.packages_changed()

    def _find_promptflow(self):
        """Where it lies in none of the usual folders, Python itself is asked."""
        if self.promptflow is None:
            try:
                self.layer.await_made(self._stopped)
                listed = self.packages.list()
            except AgentError as error:
                return log("packages cannot be listed: %s" % error)
            found = [package for package in listed if package["name"].lower() == "promptflow"]
            self.promptflow = found[0]["version"] if found else None
            self.board.changed()

    def _watch_files(self):
        """Outside of a container nothing else ends an agent whose session was taken away."""
        greeting = self._greeting
        while not self._stopped.wait(FILES_TICK):
            mine = identity(self.config["socket"]) == greeting.socket_identity
            if not mine or not os.path.exists(greeting.config_path):
                return self.stop(b"taken away")

    def _end(self, reason):
        """All it started ends with it, quickly, whatever hangs."""
        self.farewell = _FAREWELLS[reason] % (format(self.idle.minutes, "g") if b"idle" == reason else ())
        self._stopped.set()
        ending = threading.Thread(target=self._end_all, args=(reason,), daemon=True)
        ending.start()
        ending.join(FAREWELL)
        self._remove(reason)
        os._exit(0)

    def _end_all(self, reason):
        steps = (self.operations.close, self.installs.close, self._await_quiet, self.terminals.close, process.kill_all)
        for step in (*steps, lambda: self._server.stop(self.farewell), self.pool.stop):
            try:
                step()
            except Exception as error:
                log("at the end: %s" % error, error)

    def _remove(self, reason):
        """What a container would take along. A session that was taken away owns nothing any more."""
        if self.config.get("parentExit") != "process" or reason == b"taken away":
            return
        try:
            os.unlink(self.config["socket"])
        except OSError:
            pass
        if self.config.get("ownFolder") and reason in (b"idle", b"shutdown"):
            import shutil

            for folder in (self.config["runtimeDir"], self.config["ownFolder"]):
                shutil.rmtree(folder, ignore_errors=True)

    def _await_quiet(self):
        """Clients get the results of what they see cancelled, if that does not take long."""
        until = time.monotonic() + FAREWELL / 2
        while not self.operations.quiet() and time.monotonic() < until:
            time.sleep(0.01)
