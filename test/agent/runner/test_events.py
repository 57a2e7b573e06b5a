"""What a run says while it goes on, and what of it is kept."""

import os
import time
import unittest

import support


class Events(unittest.TestCase):
    def test_nodes_and_prints_come_while_the_run_goes_on(self):
        text = "import time\n@tool\ndef n():\n    print('first')\n    time.sleep(1)\n    print('second')\n"
        times = {}
        events = support.Events(lambda event, data: times.setdefault((event, data.get("text")), time.monotonic()))
        support.run(support.write_one(text), events=events)
        self.assertEqual(events[0], ("node-started", {"node": "n"}))
        self.assertEqual((events[-1][0], events[-1][1]["status"]), ("node-ended", "Completed"))
        self.assertGreater(times[("log", "second\n")] - times[("log", "first\n")], 0.8)

    def test_node_and_stream_of_prints(self):
        text = "import sys\n@tool\ndef n():\n    print('a')\n    print('b', file=sys.stderr)\n    print('c', end='')\n"
        events = support.Events()
        node = support.run(support.write_one(text), events=events)["nodes"][0]
        self.assertEqual((node["stdout"], node["stderr"]), ("a\nc", "b\n"))
        self.assertEqual((events.text("stdout"), events.text("stderr")), ("a\nc", "b\n"))
        self.assertEqual({data["node"] for event, data in events if event == "log"}, {"n"})

    def test_bytes_that_are_no_utf8(self):
        text = "import os, subprocess\n@tool\ndef n():\n    os.write(1, b'a\\xff\\xe4b\\n')\n    print('x\\udcff')\n"
        events = support.Events()
        run = support.run(support.write_one(text), events=events)
        self.assertEqual(run["status"], "Completed")
        self.assertIn("a\\xff\\xe4b\n", events.text())
        self.assertIn("x\\udcff\n", run["nodes"][0]["stdout"])

    def test_output_of_subprocesses(self):
        text = "import subprocess\n@tool\ndef n():\n    subprocess.check_call(['echo', 'from a program'])\n"
        events = support.Events()
        support.run(support.write_one(text), events=events)
        self.assertIn("from a program\n", events.text())

    def test_a_hundred_megabytes_of_prints_are_cut(self):
        text = "@tool\ndef n():\n    line = 'x' * 99\n    for _ in range(1000000):\n        print(line)\n    return 'done'\n"
        events = support.Events()
        started = time.monotonic()
        run = support.run(support.write_one(text), events=events)
        self.assertEqual(run["output"], {"out": "done"})
        self.assertLess(time.monotonic() - started, 30)
        self.assertLess(len(run["nodes"][0]["stdout"]), 1100000)
        self.assertIn("more than 1 MiB", run["nodes"][0]["stdout"])
        self.assertLess(len(events), 1000)

    def test_a_hundred_megabytes_past_promptflow_are_cut(self):
        text = "import os\n@tool\ndef n():\n    for _ in range(1000):\n        os.write(1, b'x' * 100000)\n    return 'done'\n"
        events = support.Events()
        self.assertEqual(support.run(support.write_one(text), events=events)["output"], {"out": "done"})
        self.assertLess(len(events.text()), 1100000)

    def test_secrets_of_connections_are_scrubbed_from_prints(self):
        import flows_more

        files = flows_more.connected()
        files["n.py"] = files["n.py"].replace(
            "    return", "    print(c.secrets['key'])\n    __import__('os').write(1, b'very-secret-value')\n    return"
        )
        events = support.Events()
        run = support.run(support.write(files), events=events, connections=flows_more.KEYS)
        self.assertEqual(run["status"], "Completed", run["error"])
        self.assertNotIn("very-secret-value", events.text() + run["nodes"][0]["stdout"])

    def test_values_that_no_message_can_carry_are_files(self):
        run = support.run(support.write_one("@tool\ndef n():\n    return 'y' * 90000000\n"))
        self.assertEqual(len(run["nodes"][0]["output"]), 90000000)
        self.assertIn("too many to show", run["output"])
        (path,) = run["artifacts"]
        self.assertGreater(os.path.getsize(path), 90000000)
        os.remove(path)

    def test_fifty_megabytes_of_output(self):
        run = support.run(support.write_one("@tool\ndef n():\n    return 'y' * 50000000\n"))
        self.assertEqual((len(run["output"]["out"]), len(run["nodes"][0]["output"])), (50000000, 50000000))
