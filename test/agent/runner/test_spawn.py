"""Where a fork is not safe: a process that was started before it is needed takes the run, with the same results."""

import threading
import time
import unittest

import support
from support import build
from test_hostile import gone


class Spawn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pool = support.new_pool(strategy="spawn")
        cls.addClassCleanup(cls.pool.stop)

    def test_runs_and_edits(self):
        for word in ("one", "two"):
            flow = support.write_one("@tool\ndef n():\n    print('p')\n    return %r\n" % word)
            run = support.run(flow, on=self.pool)
            self.assertEqual((run["output"], run["nodes"][0]["stdout"]), ({"out": word}, "p\n"))

    def test_ready_means_that_a_process_waits(self):
        support.run(support.write_one("@tool\ndef n():\n    return 1\n"), on=self.pool)
        self.assertEqual(self.pool.status, "ready")

    def test_flex(self):
        files = {"flow.flex.yaml": "entry: h:h\n", "h.py": "def h(a: str):\n    return a * 2\n"}
        self.assertEqual(support.run(support.write(files), {"a": "x"}, on=self.pool)["output"], {"output": "xx"})

    def test_crash_and_cancel(self):
        crash = support.write_one("import os\n@tool\ndef n():\n    os._exit(3)\n")
        self.assertEqual(support.run(crash, on=self.pool)["error"]["type"], "ProcessExited")
        cancel = threading.Event()
        events = support.Events(lambda event, data: cancel.set() if data.get("text") == "go\n" else None)
        marker = "5%d.5" % int(time.time() % 100000)
        text = "import subprocess\n@tool\ndef n():\n    subprocess.Popen(['setsid', 'sleep', '%s'])\n    print('go')\n    while True: pass\n"
        flow = support.write_one(text % marker)
        self.assertEqual(support.run(flow, on=self.pool, cancel=cancel, events=events)["status"], "Canceled")
        self.assertTrue(gone(marker))

    def test_includes(self):
        nodes = [build.python("n", "shared.py")]
        dag = build.dag(nodes, {}, {"o": "n.output"}, additional_includes=["../lib/shared.py"])
        files = {"flow/flow.dag.yaml": dag, "lib/shared.py": build.tool("@tool\ndef n():\n    return 5\n")}
        self.assertEqual(support.run(support.write(files), on=self.pool)["output"], {"o": 5})
