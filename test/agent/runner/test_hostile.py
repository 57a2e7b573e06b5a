"""Flows that do what no flow should: each ends by itself or is ended, and the next run is none the worse."""

import os
import subprocess
import threading
import time
import unittest

import support
from support import build


def alive(marker):
    """Processes that carry the marker in their command line or environment."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/cmdline" % name, "rb") as file:
                    if marker.encode() in file.read():
                        found.append(int(name))
            except OSError:
                continue
    return found


def gone(marker, seconds=10):
    until = time.monotonic() + seconds
    while alive(marker) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(marker)


class Hostile(unittest.TestCase):
    def tearDown(self):
        run = support.run(support.write_one("@tool\ndef n():\n    return 'fine'\n"))
        self.assertEqual(run["output"], {"out": "fine"})

    def failed(self, text, **more):
        run = support.run(support.write_one(text), **more)
        self.assertEqual(run["status"], "Failed")
        return run["error"]

    def test_exit_without_a_word(self):
        error = self.failed("import os\n@tool\ndef n():\n    os._exit(3)\n")
        self.assertEqual(error["type"], "ProcessExited")
        self.assertIn("exit code 3 while n ran", error["message"])

    def test_segmentation_fault(self):
        error = self.failed("import ctypes\n@tool\ndef n():\n    ctypes.string_at(0)\n")
        self.assertIn("SIGSEGV while n ran", error["message"])

    def test_finished_nodes_survive_a_crash(self):
        nodes = [build.python("a", "a.py"), build.python("b", "b.py", {"x": "${a.output}"})]
        files = {
            "flow.dag.yaml": build.dag(nodes, {}, {"o": "b.output"}),
            "a.py": build.tool("@tool\ndef a():\n    return 'kept'\n"),
            "b.py": build.tool("import os\n@tool\ndef b(x: str):\n    os._exit(1)\n"),
        }
        run = support.run(support.write(files))
        self.assertEqual([(node["name"], node["output"]) for node in run["nodes"]], [("a", "kept")])

    def test_sys_exit(self):
        flow = support.write_one("import sys\n@tool\ndef n():\n    sys.exit(4)\n")
        run = support.run(flow)
        self.assertEqual((run["status"], run["error"]["type"]), ("Failed", "SystemExit"))
        self.assertEqual((run["error"]["file"], run["error"]["line"]), (os.path.join(os.path.dirname(flow), "n.py"), 5))

    def test_stdin_is_closed(self):
        error = self.failed("@tool\ndef n():\n    return input()\n")
        self.assertEqual(error["type"], "EOFError")

    def test_descriptors_are_closed(self):
        text = "import os\n@tool\ndef n():\n    os.closerange(0, 100)\n    print('x')\n    return 1\n"
        self.assertEqual(support.run(support.write_one(text))["output"], {"out": 1})

    def test_threads_left_running(self):
        text = "import threading, time\n@tool\ndef n():\n    threading.Thread(target=time.sleep, args=(600,)).start()\n    return 1\n"
        started = time.monotonic()
        self.assertEqual(support.run(support.write_one(text))["output"], {"out": 1})
        self.assertLess(time.monotonic() - started, 30)

    def test_stray_processes_end_with_the_run(self):
        marker = "9%d.5" % os.getpid()
        text = """
            import subprocess
            @tool
            def n():
                subprocess.Popen(['sleep', '%s'], start_new_session=True)
                subprocess.Popen(['sh', '-c', '(setsid sleep %s &) ; exit 0'], env={}).wait()
                return 1
        """ % (marker, marker)
        self.assertEqual(support.run(support.write_one(text))["output"], {"out": 1})
        self.assertTrue(gone(marker), "stray processes are still there")

    def test_many_processes(self):
        marker = "8%d.5" % os.getpid()
        text = (
            """
            import subprocess
            @tool
            def n():
                for _ in range(40):
                    subprocess.Popen(['sleep', '%s'], start_new_session=True)
                raise RuntimeError('enough')
        """
            % marker
        )
        self.failed(text)
        self.assertTrue(gone(marker))

    def test_a_child_that_is_killed_while_it_waits(self):
        support.run(support.write_one("@tool\ndef n():\n    return 1\n"))
        time.sleep(0.3)
        pool = support.pool()
        for pid in pool.processes()[1:]:
            os.kill(pid, 9)

    def test_a_parent_that_is_killed_is_replaced(self):
        pool = support.new_pool()
        flow = support.write_one("@tool\ndef n():\n    return 1\n")
        support.run(flow, on=pool)
        os.kill(pool.processes()[0], 9)
        self.assertEqual(support.run(flow, on=pool)["output"], {"out": 1})
        pool.stop()


class Cancel(unittest.TestCase):
    def cancelled(self, text, after="started"):
        nodes = [build.python("a", "a.py"), build.python("b", "b.py", {"x": "${a.output}"})]
        files = {
            "flow.dag.yaml": build.dag(nodes, {}, {"o": "b.output"}),
            "a.py": build.tool("@tool\ndef a():\n    return 'kept'\n"),
            "b.py": build.tool(text),
        }
        cancel = threading.Event()
        events = support.Events(lambda event, data: cancel.set() if data.get("text") == after + "\n" else None)
        started = time.monotonic()
        run = support.run(support.write(files), cancel=cancel, events=events)
        self.assertEqual(run["status"], "Canceled")
        self.assertLess(time.monotonic() - started, 30)
        return {node["name"]: node for node in run["nodes"]}

    def test_finished_nodes_are_given(self):
        nodes = self.cancelled("import time\n@tool\ndef b(x: str):\n    print('started')\n    time.sleep(600)\n")
        self.assertEqual((nodes["a"]["status"], nodes["a"]["output"]), ("Completed", "kept"))
        self.assertEqual(nodes["b"]["status"], "Canceled")

    def test_endless_loop(self):
        nodes = self.cancelled("@tool\ndef b(x: str):\n    print('started')\n    while True:\n        pass\n")
        self.assertEqual(nodes["a"]["output"], "kept")

    def test_code_that_holds_the_interpreter(self):
        text = "import re\n@tool\ndef b(x: str):\n    print('started')\n    re.match('(a+)+b', 'a' * 60)\n"
        self.assertEqual(self.cancelled(text)["a"]["output"], "kept")

    def test_a_tool_that_ignores_signals(self):
        text = "import signal, time\n@tool\ndef b(x: str):\n    print('started')\n    while True:\n        try:\n            time.sleep(600)\n        except BaseException:\n            pass\n"
        self.assertEqual(self.cancelled(text)["a"]["output"], "kept")

    def test_async_tool(self):
        text = "import asyncio\n@tool\nasync def b(x: str):\n    print('started')\n    await asyncio.sleep(600)\n"
        self.assertEqual(self.cancelled(text)["a"]["output"], "kept")

    def test_its_processes_end(self):
        marker = "7%d.5" % os.getpid()
        text = """
            import subprocess
            @tool
            def b(x: str):
                subprocess.Popen(['sleep', '%s'], start_new_session=True)
                print('started')
                subprocess.check_call(['sleep', '%s'])
        """ % (marker, marker)
        self.cancelled(text)
        self.assertTrue(gone(marker))

    def test_a_listener_that_goes_away_leaves_nothing_running(self):
        marker = "5%d.5" % os.getpid()
        text = (
            """
            import subprocess, time
            @tool
            def n():
                subprocess.Popen(['sleep', '%s'])
                while True:
                    try:
                        print('still here', flush=True)
                        time.sleep(0.01)
                    except BaseException:
                        pass
        """
            % marker
        )
        cancel = threading.Event()

        def leave(event, data):
            if event == "log":
                cancel.set()
                raise ConnectionError

        with self.assertRaises(ConnectionError):
            support.run(support.write_one(text), cancel=cancel, events=support.Events(leave))
        self.assertTrue(gone(marker))

    def test_while_a_package_is_loaded_beforehand(self):
        site = os.path.join(support.pool().folder, "slow", "site-packages")
        os.makedirs(site)
        with open(os.path.join(site, "sluggish.py"), "w") as file:
            file.write("import time\ntime.sleep(3)\n")
        lines = []
        pool = support.new_pool(log=lines.append, PYTHONPATH=site)
        self.addCleanup(pool.stop)
        cancel = threading.Event()
        sleeper = support.write_one("import time\n@tool\ndef n():\n    print('go')\n    time.sleep(600)\n")
        support.run(support.write_one("import sluggish\n@tool\ndef n():\n    return 1\n"), on=pool)
        # A copy of the parent tries the package for three seconds, then the parent itself loads it for three.
        timer = threading.Timer(4, cancel.set)
        timer.start()
        self.assertEqual(support.run(sleeper, on=pool, cancel=cancel)["status"], "Canceled")
        self.assertFalse([line for line in lines if "sluggish" in line], "the parent was still busy")

    def test_flex_function(self):
        files = {
            "flow.flex.yaml": "entry: h:h\n",
            "h.py": "import time\ndef h():\n    print('go')\n    time.sleep(600)\n",
        }
        cancel = threading.Event()
        events = support.Events(lambda event, data: cancel.set() if data.get("text") == "go\n" else None)
        self.assertEqual(support.run(support.write(files), cancel=cancel, events=events)["status"], "Canceled")

    def test_stop_ends_everything(self):
        pool = support.new_pool()
        marker = "6%d.5" % os.getpid()
        text = "import subprocess\n@tool\ndef n():\n    subprocess.check_call(['setsid', 'sleep', '%s'])\n" % marker
        flow = support.write_one(text)
        thread = threading.Thread(target=lambda: support.run(flow, on=pool))
        thread.start()
        until = time.monotonic() + support.LONG
        while not alive(marker) and time.monotonic() < until:
            time.sleep(0.05)
        pids = pool.processes()
        pool.stop()
        thread.join(support.LONG)
        self.assertFalse(thread.is_alive())
        self.assertTrue(gone(marker))
        shown = subprocess.run(["ps", "-o", "stat=", "-p", ",".join(map(str, pids))], stdout=subprocess.PIPE).stdout
        self.assertEqual(shown.decode().split(), [])
