"""One run seen from the agent: its child's frames become events and, in the end, the Run."""

import codecs
import json
import os
import re
import select
import signal
import time

from pf_agent.raw import RawJson
from pf_agent.runner_child import TURN_SECONDS

PIPE_READ_SIZE = 64 * 1024
MOST_OUTPUT = 1024 * 1024
SCRUBBED = "**data_scrubbed**"
SECRET_KEY = re.compile("key|secret|token|password", re.IGNORECASE)
SMALL_RUN = 256 * 1024
PIECE_SIZE = 256 * 1024
LEFT_OUT = "\n… more than 1 MiB was printed: the rest is left out\n"
GRACE_SECONDS = 1.0
CURES = {
    "RunnerFailed": "Reset the session",
    "OutOfMemory": "Give the session more memory, or let the flow keep less at once",
    "ProcessCrashed": "Run that node alone: what it loads or calls brought the process down",
    "ProcessExited": "Let the tool return or raise instead of ending its process",
}


class Running:
    def __init__(self, parent, child, request, emit, cancel):
        self._parent = parent
        self._child = child
        self._request = request
        self._emit = emit
        self._cancel = cancel
        self._started = time.monotonic()
        self._running = []
        self._nodes = {}
        self._result = None
        self._problem = None
        self.begun = False
        self.unfit = False
        self.run = None
        self._interrupted = None
        self._killed = False
        secrets = _secrets(request["run"].get("connections"))
        self._outputs = {child.stdout: _Output("stdout", secrets), child.stderr: _Output("stderr", secrets)}

    def to_end(self, after, then):
        """Sees the run through; `run` is then the Run, None where it did not begin. `then()` comes `after` seconds."""
        self._tell_child()
        poller = select.poll()
        for source in (self._child.channel, *self._outputs):
            poller.register(source, select.POLLIN)
        while self._result is None and not self._child.is_closed:
            for descriptor, _ in poller.poll(int(TURN_SECONDS * 1000)):
                self._take(descriptor, poller)
            if self._child.ended.is_set():
                self._drain()
                break
            if self._cancel.is_set():
                self._press()
            if then is not None and time.monotonic() - self._started > after:
                then()
                then = None
        self._drain_outputs()
        if not self.begun and not self._cancel.is_set():
            return
        self.run = self._run()

    @property
    def imports(self):
        """What a clean run imported from site-packages: [[top package, its modules …]]."""
        return self._result[0].get("imports", []) if self._result else []

    def _tell_child(self):
        try:
            self._child.ask(self._request)
        except OSError:
            pass  # it is gone: the loop finds that out

    def _take(self, descriptor, poller):
        if descriptor in self._outputs:
            if not self._take_output(descriptor):
                poller.unregister(descriptor)
            return
        for header, payload in self._child.receive():
            self._hear(header, payload)

    def _hear(self, header, payload):
        kind = header["t"]
        if kind == "unfit":
            self.unfit = True
            return
        self.begun = True
        if kind == "started":
            self._running.append(header["node"])
            self._emit("node-started", {"node": header["node"]})
        elif kind == "node":
            if header["node"] in self._running:
                self._running.remove(header["node"])
            known = header["node"] in self._nodes
            self._nodes[header["node"]] = payload
            if not known:
                self._emit("node-ended", {key: header[key] for key in ("node", "status", "durationMs")})
        elif kind == "log":
            self._emit("log", {key: header[key] for key in ("node", "stream", "text")})
        elif kind == "result":
            self._result = (header, payload)
        elif kind == "failed":
            self._problem = header["problem"]["message"]

    def _take_output(self, descriptor):
        data = os.read(descriptor, PIPE_READ_SIZE)
        text = self._outputs[descriptor].take(data)
        if text:
            self._emit("log", {"node": None, "stream": self._outputs[descriptor].stream, "text": text})
        return bool(data)

    def _press(self):
        """First politely: the executor then gives the results of the nodes that ended. Then not."""
        now = time.monotonic()
        if self._interrupted is None:
            self._interrupted = now
            self._parent.interrupt(self._child)
        elif now - self._interrupted > GRACE_SECONDS and not self._killed:
            self._killed = True
            self._parent.kill(self._child)

    def _drain(self):
        while self._result is None and not self._child.is_closed and _readable(self._child.channel):
            for header, payload in self._child.receive():
                self._hear(header, payload)

    def _drain_outputs(self):
        for descriptor in self._outputs:
            while _readable(descriptor) and self._take_output(descriptor):
                continue

    def _run(self):
        header, payload = self._result or self._cut_short()
        names = header["order"] + [name for name in self._nodes if name not in header["order"]]
        nodes = [self._nodes[name] for name in names if name in self._nodes]
        head = {"runId": self._request["runId"]}
        head.update((key, header[key]) for key in ("status", "durationMs", "artifacts"))
        if len(payload) + sum(map(len, nodes)) > SMALL_RUN:
            return RawJson(_text_of_run(head, payload, nodes))
        return json.loads("".join(_text_of_run(head, payload, nodes)))

    def _cut_short(self):
        """The outcome of a run whose process ended without one."""
        self._parent.await_end(self._child)
        header = {"status": "Canceled" if self._cancel.is_set() else "Failed", "order": list(self._nodes)}
        header.update(artifacts=[], durationMs=round((time.monotonic() - self._started) * 1000, 3))
        body = {"inputs": {}, "output": None, "metrics": {}, "error": None}
        if header["status"] == "Failed":
            body["error"] = self._crash()
        return header, json.dumps(body).encode("ascii")

    def _crash(self):
        how = self._child.exit or {}
        where = " while %s ran" % ", ".join(self._running) if self._running else ""
        if self._problem:
            kind, message = "RunnerFailed", "The run could not be carried out: %s" % self._problem
        elif how.get("memory"):
            kind, message = "OutOfMemory", "The run was ended because memory ran out%s." % where
        elif how.get("signal"):
            name = name_of(how["signal"])
            kind, message = "ProcessCrashed", "The run's process was ended by %s%s." % (name, where)
        else:
            kind, message = "ProcessExited", "The run's process ended with exit code %s%s." % (how.get("code"), where)
        known = {"type": kind, "message": message, "action": CURES[kind]}
        return dict(known, file=None, line=None, traceback=None)


def name_of(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return "signal %d" % number


class _Output:
    """What came to a stream past promptflow: from subprocesses, from C code, from modules as they load."""

    def __init__(self, stream, secrets):
        self.stream = stream
        self._secrets = secrets
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._room = MOST_OUTPUT

    def take(self, data):
        if self._room <= 0:
            return ""
        text = self._decoder.decode(data[: self._room], final=not data)
        for secret in self._secrets:
            text = text.replace(secret, SCRUBBED)
        if len(data) > self._room:
            text += LEFT_OUT
        self._room -= len(data)
        return text


def _secrets(connections):
    """Values of the connections given with a request that nobody may read in a log."""
    found = set()
    for connection in (connections or {}).values():
        secret = set(connection.get("secret_keys") or ())
        for key, value in (connection.get("value") or {}).items():
            if isinstance(value, str) and len(value) > 3 and (key in secret or SECRET_KEY.search(key)):
                found.add(value)
    return sorted(found, key=len, reverse=True)


def _text_of_run(head, payload, nodes):
    """The Run as pieces of JSON text; `payload` is an object of its other fields, `nodes` a list of objects."""
    yield json.dumps(head)[:-1]
    yield ","
    yield payload[1:-1].decode("ascii")
    yield ',"nodes":['
    for index, node in enumerate(nodes):
        yield "," if index else ""
        for start in range(0, len(node), PIECE_SIZE):
            yield node[start : start + PIECE_SIZE].decode("ascii")
    yield "]}"


def _readable(source):
    poller = select.poll()
    poller.register(source, select.POLLIN)
    return bool(poller.poll(0))
