"""What a child says to the agent while it runs: events, each node's result once it is there, the outcome."""

import json
import math
import os
import threading
import time

from pf_runner import frames

MOST_TEXT = 1024 * 1024
LEFT_OUT = "\n… more than 1 MiB was printed: the rest is left out\n"
LIVE_LINES = 200
BATCH_SIZE = 4096
BATCH_SECONDS = 0.05


class Report:
    def __init__(self, connection):
        self._connection = connection
        self._lock = threading.Lock()
        self.is_own_process = True
        os.register_at_fork(after_in_child=self._leave)

    def _leave(self):
        """In a process that a tool forked: its words go to its own stdout."""
        self.is_own_process = False

    def send(self, header, payload=b""):
        if not self.is_own_process:
            return
        data = frames.pack(header, payload)
        with self._lock:
            self._connection.sendall(data)


class Logs:
    """What nodes print, per run of a node and stream: scrubbed of secrets, at most 1 MiB each, live but not line by
    line when there is much of it."""

    def __init__(self, report, scrub):
        self._report = report
        self.scrub = scrub
        self._entries = {}
        self._lock = threading.Lock()
        self._flusher = None

    def write(self, run, node, stream, text):
        entry = self._entries.get((run, stream))
        if entry is not None and entry.is_full:
            return
        with self._lock:
            if entry is None:
                entry = self._entries[(run, stream)] = _Entry(node, stream)
            entry.add(text)
            if entry.pending and text.endswith("\n") and entry.is_due():
                self._flush(entry)
            elif entry.flushes >= LIVE_LINES and self._flusher is None:
                self._flusher = threading.Thread(target=self._flush_all_often, daemon=True)
                self._flusher.start()

    def flush(self, run, stream):
        with self._lock:
            entry = self._entries.get((run, stream))
            if entry is not None:
                self._flush(entry)

    def flush_all(self):
        with self._lock:
            for entry in self._entries.values():
                self._flush(entry)

    def text(self, run, stream):
        self.flush(run, stream)
        entry = self._entries.get((run, stream))
        return "".join(entry.kept) if entry else ""

    def _flush(self, entry):
        if not entry.pending:
            return
        text = readable(self.scrub("".join(entry.pending)))
        entry.pending, entry.pending_size = [], 0
        entry.flushes += 1
        entry.flushed = time.monotonic()
        entry.kept.append(text)
        self._report.send({"t": "log", "node": entry.node, "stream": entry.stream, "text": text})

    def _flush_all_often(self):
        while True:
            time.sleep(BATCH_SECONDS)
            self.flush_all()


class _Entry:
    def __init__(self, node, stream):
        self.node = node
        self.stream = stream
        self.kept = []
        self.pending = []
        self.pending_size = 0
        self.flushes = 0
        self.flushed = 0.0
        self._room = MOST_TEXT

    def add(self, text):
        if self._room <= 0:
            return
        if len(text) > self._room:
            text = text[: self._room] + LEFT_OUT
            self._room = 0
        else:
            self._room -= len(text)
        self.pending.append(text)
        self.pending_size += len(text)

    @property
    def is_full(self):
        return self._room <= 0 and not self.pending

    def is_due(self):
        if self.flushes < LIVE_LINES:
            return True
        return self.pending_size >= BATCH_SIZE or time.monotonic() - self.flushed >= BATCH_SECONDS


def readable(text):
    """Text that UTF-8 can carry: what Python smuggles in as lone surrogates is spelled out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def to_json(value):
    """ASCII JSON that JavaScript reads: NaN and the infinities are spelled out."""
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(_finite(value), separators=(",", ":"))
    return text.encode("ascii")


def with_value(rest, key, data):
    """JSON of `rest` with one more key, whose value is JSON already."""
    return b"".join((b'{"', key.encode("ascii"), b'":', data, b",", to_json(rest)[1:]))


def _finite(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {_finite(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
