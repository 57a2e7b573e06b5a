"""Third-party packages are loaded beforehand, once a run has imported them, and never at the cost of a run's truth."""

import os
import time
import unittest

import support

PANDAS = """
    import pandas, os, sys
    @tool
    def n():
        threads = len(os.listdir('/proc/self/task'))
        return [int(pandas.DataFrame({'a': [1, 2]})['a'].sum()), os.environ.get('OPENBLAS_NUM_THREADS'), threads]
"""


def packages(folder):
    """Two packages in a site-packages folder of their own: one that starts a thread, one that reads the environment."""
    site = os.path.join(folder, "site-packages")
    os.makedirs(site)
    for name, text in (
        ("thready", "import threading, time\nthreading.Thread(target=time.sleep, args=(5,), daemon=True).start()\n"),
        ("reader", "import os\nMODE = os.environ.get('READER_MODE', 'plain')\nPID = os.getpid()\n"),
        ("leaver", "import os, sys\nif os.environ.get('STAY') != '1': os._exit(5)\n"),
    ):
        with open(os.path.join(site, name + ".py"), "w") as file:
            file.write(text)
    return site


class Preload(unittest.TestCase):
    def setUp(self):
        self.lines = []
        self.site = packages(os.path.join(support.pool().folder, self.id()))
        self.pool = support.new_pool(log=self.lines.append, PYTHONPATH=self.site)
        self.addCleanup(self.pool.stop)

    def heard(self, text):
        until = time.monotonic() + support.LONG
        while not any(text in line for line in self.lines) and time.monotonic() < until:
            time.sleep(0.05)
        return any(text in line for line in self.lines)

    def parent_threads(self):
        return len(os.listdir("/proc/%d/task" % self.pool.processes()[0]))

    def test_a_package_is_loaded_once_for_all(self):
        flow = support.write_one(PANDAS)
        first = support.run(flow, on=self.pool)
        self.assertTrue(self.heard("pandas is loaded beforehand"), self.lines)
        time.sleep(0.5)
        started = time.monotonic()
        second = support.run(flow, on=self.pool)
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(first["output"]["out"][:2], [3, None])
        self.assertEqual(second["output"]["out"][:2], [3, None])
        self.assertEqual(second["output"]["out"][2], first["output"]["out"][2], "threads that numpy has")
        self.assertEqual(self.parent_threads(), 1)

    def test_runs_draw_different_numbers_from_numpy(self):
        flow = support.write_one("import numpy\n@tool\ndef n():\n    return float(numpy.random.random())\n")
        support.run(flow, on=self.pool)
        self.assertTrue(self.heard("numpy is loaded beforehand"))
        time.sleep(0.5)
        self.assertNotEqual(support.run(flow, on=self.pool)["output"], support.run(flow, on=self.pool)["output"])

    def test_a_package_that_starts_a_thread_stays_out(self):
        flow = support.write_one("import thready\n@tool\ndef n():\n    return 1\n")
        support.run(flow, on=self.pool)
        self.assertTrue(self.heard("thready is left to each run"))
        self.assertEqual(self.parent_threads(), 1)
        self.assertEqual(support.run(flow, on=self.pool)["output"], {"out": 1})

    def test_a_package_that_exits_stays_out(self):
        flow = support.write_one("import os\nos.environ['STAY'] = '1'\nimport leaver\n@tool\ndef n():\n    return 1\n")
        support.run(flow, on=self.pool)
        self.assertTrue(self.heard("leaver is left to each run"))
        self.assertEqual(support.run(flow, on=self.pool)["output"], {"out": 1})

    def test_a_package_sees_the_environment_of_each_run(self):
        flow = support.write_one(
            "import os, reader\n@tool\ndef n():\n    return [reader.MODE, reader.PID == os.getpid()]\n"
        )
        self.assertEqual(support.run(flow, on=self.pool)["output"]["out"], ["plain", True])
        self.assertTrue(self.heard("reader is loaded beforehand"))
        time.sleep(0.5)
        self.assertEqual(support.run(flow, on=self.pool)["output"]["out"], ["plain", False])
        run = support.run(flow, on=self.pool, environment={"READER_MODE": "odd"})
        self.assertEqual(run["output"]["out"], ["odd", True])

    def test_modules_of_the_flow_are_never_loaded_beforehand(self):
        flow = support.write_one("import reader, helper\n@tool\ndef n():\n    return helper.WORD\n")
        for word in ("one", "two"):
            with open(os.path.join(os.path.dirname(flow), "helper.py"), "w") as file:
                file.write("WORD = %r\n" % word)
            self.assertEqual(support.run(flow, on=self.pool)["output"], {"out": word})
            self.assertTrue(self.heard("reader is loaded beforehand"))
            time.sleep(0.5)
