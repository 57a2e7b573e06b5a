"""What clients may ask for, by the names of the protocol."""

import contextlib
import threading
import time

from pf_agent.check_index import check_index
from pf_agent.credentials import Scrubber, without_credentials
from pf_agent.errors import AgentError, ConnectionClosed, stopping
from pf_agent.proxy_relay import relayed


class Operations:
    """`shutdown`: the State's operation once the end has been asked for."""

    def __init__(self, session):
        self._session = session
        self._guard = threading.Lock()
        self._runs = set()
        self.shutdown = None
        self._table = {
            "state": self._state,
            "install": session.installs.install,
            "packages": self._packages,
            "run": self._run,
            "keepAlive": self._keep_alive,
            "settings": self._settings,
            "logs": self._logs,
            "terminal": session.terminals.open,
            "checkIndex": self._check_index,
            "shutdown": self._shutdown,
        }

    @property
    def active_runs(self):
        return len(self._runs)

    def perform(self, request):
        """The result of a request; raises what becomes its error."""
        operation = self._table.get(request.op) if isinstance(request.op, str) else None
        if operation is None:
            raise AgentError("usage", "This session's agent knows no operation %r." % (request.op,))
        if self._session.stopping or (self.shutdown and request.op != "state"):
            raise stopping(self._session.farewell)
        return operation(request)

    def close(self):
        """Runs are asked to end; those that do not are the pool's to kill."""
        with self._guard:
            runs = list(self._runs)
        for request in runs:
            request.cancel.set()

    def quiet(self):
        """Whether nothing is left that was asked to end."""
        return not self._runs and not self._session.installs.since

    def _state(self, request):
        return self._session.board.watch(request) if request.flag("watch") else self._session.state()

    def _packages(self, request):
        self._session.layer.await_made(request.cancel)
        return self._session.packages.list()

    def _run(self, request):
        session = self._session
        if not request.text("flowFile"):
            raise AgentError("usage", "run: flowFile is needed.")
        network = strings(request.mapping("network"))
        scrub = Scrubber(secrets_of(request), {**request.environment(), **network})

        def emit(name, data):
            if name == "log":
                session.journal.write("run", scrub(str(data.get("text", ""))))
            # A client that is gone cancels the run, which is then seen to its end.
            with contextlib.suppress(ConnectionClosed):
                request.event(name, data)

        session.layer.await_made(request.cancel)
        session.notice_packages()
        with session.idle.hold():
            with self._guard:
                self._runs.add(request)
            session.board.changed()
            session.journal.write("run", "%s %s\n" % (now(), request.text("flowFile")))
            try:
                with relayed(network) as reached:
                    args = {**request.args, "network": {name: plain(name, reached[name]) for name in reached}}
                    run = session.pool.run(args, emit, request.cancel)
                    session.journal.write("run", scrub(ending(run)))
                    return run
            finally:
                with self._guard:
                    self._runs.discard(request)

    def _keep_alive(self, request):
        self._session.idle.keep(request.number("minutes"))
        return {}

    def _settings(self, request):
        session = self._session
        minutes, size = request.number("idleMinutes"), request.mapping("size")
        if size:
            session.size = {"cpus": size.get("cpus"), "memoryBytes": size.get("memoryBytes")}
        if minutes is not None:
            session.idle.set_minutes(minutes)
        session.board.changed()
        return {}

    def _logs(self, request):
        operation = request.text("operation")
        if operation not in (None, "install", "run"):
            raise AgentError("usage", "logs: operation must be install or run.")
        for kind, text in self._session.journal.follow(operation, request.flag("follow"), request.cancel):
            request.event("log", {"operation": kind, "text": text})
        return {}

    def _check_index(self, request):
        return check_index(request, self._session)

    def _shutdown(self, request):
        self.shutdown = {"kind": "shutdown", "since": now()}
        self._session.board.changed()
        request.on_answered = lambda: self._session.stop(b"shutdown")
        return {}


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def ending(run):
    """How a run ended, for the journal; of one too large to be looked into only that it did."""
    if not isinstance(run, dict) or "durationMs" not in run:
        return "Ended\n"
    error = run.get("error") or {}
    why = ": %s: %s" % (error.get("type"), error.get("message")) if error else ""
    return "%s in %d ms%s\n" % (run["status"], run["durationMs"], why)


def plain(name, value):
    """Where a run may install from; its environment block is no place for the credentials of that."""
    return without_credentials(value) if name.startswith("PIP_") else value


def strings(mapping):
    return {str(name): value for name, value in mapping.items() if isinstance(value, str)}


def secrets_of(request):
    """Values in a run's connections that look like secrets: long enough, and under a name that says so."""
    found = []
    for connection in request.mapping("connections").values():
        value = connection.get("value") if isinstance(connection, dict) else None
        for name, item in (value if isinstance(value, dict) else {}).items():
            secret = name in (connection.get("secret_keys") or ()) or "key" in name.lower() or "secret" in name.lower()
            if secret and isinstance(item, str):
                found.append(item)
    return found
