"""The parents that a pool has: one that serves, others that come and go when packages change."""

import os
import re
import subprocess
import sys
import threading
import time
import unittest

import support


class Pool(unittest.TestCase):
    def test_one_thread_in_the_parent(self):
        support.run(support.write_one("@tool\ndef n():\n    return 1\n"))
        parent = support.pool().processes()[0]
        self.assertEqual(len(os.listdir("/proc/%d/task" % parent)), 1)

    def test_replaced_parent_takes_over_and_the_old_one_ends(self):
        pool = support.new_pool()
        flow = support.write_one(
            "import time\n@tool\ndef n(s: double):\n    time.sleep(s)\n    return 1\n".replace("double", "float"),
            {"s": "double"},
        )
        support.run(flow, {"s": 0}, on=pool)
        old = pool.processes()[0]
        long = threading.Thread(
            target=lambda: self.assertEqual(support.run(flow, {"s": 4}, on=pool)["status"], "Completed")
        )
        long.start()
        pool.replace()
        until = time.monotonic() + support.LONG
        while old in pool.processes() and time.monotonic() < until:
            time.sleep(0.1)
        long.join(support.LONG)
        self.assertEqual(support.run(flow, {"s": 0}, on=pool)["status"], "Completed")
        self.assertFalse(re.search("pf_runner", _command(old)))
        pool.stop()

    def test_a_parent_that_still_loads_leaves_with_its_agent(self):
        slow = os.path.join(support.pool().folder, "slow-promptflow")
        os.makedirs(os.path.join(slow, "promptflow", "executor"))
        with open(os.path.join(slow, "promptflow", "executor", "__init__.py"), "w") as file:
            file.write("import time\ntime.sleep(600)\n")
        code = "import support, sys, time; support.new_pool(PYTHONPATH=sys.argv[1]); time.sleep(600)"
        agent = subprocess.Popen([sys.executable, "-c", code, slow], cwd=os.path.dirname(support.__file__))
        until = time.monotonic() + support.LONG
        parents = []
        while not parents and time.monotonic() < until:
            parents = [pid for pid in children(agent.pid) if "pf_runner" in _command(pid)]
            time.sleep(0.05)
        time.sleep(0.5)
        agent.kill()
        agent.wait()
        while any(map(_command, parents)) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual([bool(parents), [pid for pid in parents if _command(pid)]], [True, []])

    def test_runs_after_a_change_wait_for_the_parent_that_has_it(self):
        pool = support.new_pool()
        self.addCleanup(pool.stop)
        flow = support.write_one("import os\n@tool\ndef n():\n    return os.getppid()\n")
        old = support.run(flow, on=pool)["output"]["out"]
        pool.replace()
        pool.replace()
        new = support.run(flow, on=pool)["output"]["out"]
        self.assertNotEqual(new, old)
        until = time.monotonic() + support.LONG
        while len([pid for pid in pool.processes() if _command(pid)]) > 2 and time.monotonic() < until:
            time.sleep(0.1)
        self.assertEqual(support.run(flow, on=pool)["output"]["out"], new, "the newest stays")

    def test_promptflow_that_comes_later_serves_the_next_run(self):
        site = os.path.join(support.pool().folder, "comes-later")
        pool = support.new_pool(python=os.path.realpath(sys.executable), PYTHONNOUSERSITE="1", PYTHONPATH=site)
        self.addCleanup(pool.stop)
        flow = support.write_one("@tool\ndef n():\n    return 1\n")
        with self.assertRaises(support.RunnerError):
            support.run(flow, on=pool)
        code = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
        os.symlink(subprocess.check_output([support.PYTHON, "-c", code]).decode().strip(), site)
        pool.replace(outdated=False)
        self.assertEqual(support.run(flow, on=pool)["status"], "Completed")

    def test_an_interpreter_that_cannot_be_started_is_said(self):
        pool = support.new_pool(python="/nowhere/python")
        with self.assertRaises(support.RunnerError) as raised:
            support.run("x", on=pool)
        self.assertEqual(raised.exception.kind, "agent-failed")


def children(pid):
    found = []
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/children" % (pid, task)) as file:
            found += map(int, file.read().split())
    return found


def _command(pid):
    try:
        with open("/proc/%d/cmdline" % pid) as file:
            return file.read()
    except OSError:
        return ""
