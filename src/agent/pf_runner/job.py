"""All that one run knows: what was asked for, where its flow lies, where its own files go, whom it tells."""

import os
import sys
from pathlib import Path

from pf_runner import hooks, preload, report
from pf_runner.places import Places

INTERMEDIATE = Path(".promptflow", "intermediate")
SCRATCH = ".scratch"
VALUES = "values"
MOST_CARRIED = 160 * 1024 * 1024  # bytes of JSON in a run's values; the protocol takes messages up to 256 MiB
COPY = "flow"


class Unfit(Exception):
    """This process has packages loaded that look at an environment variable which the run sets."""


class Job:
    def __init__(self, args, run_id, run_folder, connections, to, logs):
        self.args = args
        self.run_id = run_id
        self.run_folder = run_folder
        self.connections = connections
        self.report = to
        self.logs = logs
        self.places = Places(run_folder)
        self.tap = hooks.Tap(self)
        self.sources = {}
        self.read = ()
        self._room = MOST_CARRIED
        self.data = None
        self.flow_file = None
        self.origin = None

    @property
    def code(self):
        """Where the flow runs: its own folder, or the copy that additional includes are merged into."""
        return Path(self.places.folder)

    def find(self, folder, name):
        self.origin = Path(folder)
        self.places = Places(folder)
        self.flow_file = self.origin / name

    def merge(self, includes):
        if not includes:
            return
        self.places = Places(self.run_folder / COPY, self.origin)
        self.places.merge(includes)
        del self.data["additional_includes"]

    def storage(self):
        return self.tap.storage(self.run_folder, INTERMEDIATE)

    def enter(self):
        """Working folder and import path as a flow has them."""
        os.chdir(self.places.folder)
        sys.path.insert(0, self.places.folder)

    def set_environment(self, environment):
        """The run's environment variables, the network's settings below them. From here on the run has begun."""
        environment = dict(self.args.get("network") or {}, **environment)
        if any(os.environ.get(name) != environment[name] for name in environment if name in self.read):
            raise Unfit
        self.report.send({"t": "begun"})
        os.environ.update(environment)
        preload.wake(os.environ)

    def scratch(self, name, text):
        """A file that promptflow wants on disk; gone with the run."""
        path = self.run_folder / SCRATCH / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def carry(self, name, value):
        """A value as JSON; where the run's result has no room for it, a file, and a word about that in its place."""
        data = report.to_json(value)
        if len(data) <= self._room:
            self._room -= len(data)
            return data
        path = self.run_folder / VALUES / (name + ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return report.to_json("%d bytes of JSON, too many to show: %s" % (len(data), path))

    def note(self, text):
        """A line for the person that no node printed."""
        self.report.send({"t": "log", "node": None, "stream": "stderr", "text": report.readable(text) + "\n"})

    def artifacts(self):
        """Files of the run outside the flow folder, that somebody may want."""
        self.places.drop_unchanged()
        found = []
        for folder, folders, names in os.walk(str(self.run_folder)):
            folders[:] = [name for name in folders if name != SCRATCH]
            found += [os.path.join(folder, name) for name in names]
        return sorted(found)
