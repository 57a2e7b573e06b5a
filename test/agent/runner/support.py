"""What the runner's tests share: one pool, flows written on the fly, a run with its events."""

import atexit
import json
import os
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [
    os.path.join(os.path.dirname(HERE), "fidelity"),
    os.path.dirname(HERE),
    os.path.join(ROOT, "src", "agent"),
]

import build  # noqa: E402
from pf_agent.raw import RawJson  # noqa: E402
from pf_agent.runner_pool import RunnerError, RunnerPool  # noqa: E402, F401

import environments  # noqa: E402

LONG = 60
UNSET = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PF_HOME_DIRECTORY")
PYTHON = os.environ.get("PF_RUNNER_PYTHON") or environments.ensure("3.11")
_shared = {}


def new_pool(strategy=None, python=None, log=None, **environment):
    folder = tempfile.mkdtemp(prefix="pf-runner-")
    base = {name: value for name, value in os.environ.items() if name not in UNSET}
    pool = RunnerPool(
        python=python or PYTHON,
        environment=dict(base, HOME=os.path.join(folder, "home"), **environment),
        runtime_dir=os.path.join(folder, "runtime"),
        home=os.path.join(folder, "home"),
        runs_dir=os.path.join(folder, "runs"),
        log=log or (lambda line: None),
        on_change=lambda: None,
        strategy=strategy,
    )
    pool.folder = folder
    os.makedirs(os.path.join(folder, "home"))
    os.makedirs(os.path.join(folder, "runtime"))
    pool.start()
    atexit.register(pool.stop)
    return pool


def pool():
    """The pool that most tests share."""
    if "pool" not in _shared:
        _shared["pool"] = new_pool()
    return _shared["pool"]


def write(files):
    """A new flow folder with these files; the path of its flow file."""
    folder = tempfile.mkdtemp(prefix="pf-flow-")
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
    return os.path.join(folder, next(name for name in files if "flow." in name))


def write_one(text, inputs=None, **more):
    """A flow with one Python node `n`."""
    return write(build.one(text, inputs, **more))


class Events(list):
    def __init__(self, on_event=None):
        super().__init__()
        self._on_event = on_event

    def __call__(self, event, data):
        self.append((event, data))
        if self._on_event:
            self._on_event(event, data)

    def text(self, stream="stdout"):
        return "".join(data["text"] for event, data in self if event == "log" and data["stream"] == stream)


def run(flow, inputs=None, on=None, events=None, cancel=None, **more):
    args = {"flowFile": flow, "inputs": inputs or {}, "environment": {}, "connections": {}, "network": {}}
    args.update(more)
    found = (on or pool()).run(args, events if events is not None else Events(), cancel or threading.Event())
    return json.loads("".join(found.parts)) if isinstance(found, RawJson) else found


def listing(folder):
    return sorted(os.path.join(root, name) for root, folders, names in os.walk(folder) for name in folders + names)
