"""All that one run knows: what was asked for, where its flow lies, where its own files go, whom it tells."""

import os
import sys
from pathlib import Path

from promptflow._core.tools_manager import ToolLoader  # noqa: F401  (loads the tool machinery once, in the parent)

from pf_runner import hooks, report

INTERMEDIATE = Path(".promptflow", "intermediate")
OUTPUT = Path(".promptflow", "output")


class Job:
    def __init__(self, args, run_id, run_folder, connections, to, logs):
        self.args = args
        self.run_id = run_id
        self.run_folder = run_folder
        self.connections = connections
        self.report = to
        self.logs = logs
        self.tap = None
        self.data = None
        self.folder = ""
        self.flow_file = None
        self.code = None
        self._tap(str(run_folder))

    def set_flow(self, code, flow_file):
        """`code` is where the flow runs: its own folder, or the copy that additional includes are merged into."""
        self.code = code
        self.folder = str(code)
        self.flow_file = flow_file
        self._tap(self.folder)

    def _tap(self, folder):
        self.tap = hooks.Tap(self.report, self.logs, folder)

    def storage(self):
        return self.tap.storage(self.run_folder, INTERMEDIATE)

    def enter(self):
        """Working folder and import path as a flow has them."""
        os.chdir(self.folder)
        sys.path.insert(0, self.folder)

    def scratch(self, name, text):
        """A file that promptflow wants on disk; gone with the run."""
        path = self.run_folder / ".scratch" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def note(self, text):
        """A line for the person that no node printed."""
        self.report.send({"t": "log", "node": None, "stream": "stderr", "text": report.readable(text) + "\n"})

    def artifacts(self):
        """Files of the run outside the flow folder, that somebody may want."""
        found = []
        for folder, folders, names in os.walk(str(self.run_folder)):
            folders[:] = [name for name in folders if name != ".scratch"]
            found += [os.path.join(folder, name) for name in names]
        return sorted(found)
