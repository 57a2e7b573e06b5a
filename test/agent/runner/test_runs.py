"""What a run gives, and what its caller hears meanwhile."""

import os
import re
import subprocess
import sys
import threading
import time
import unittest

import support
from support import build


class Results(unittest.TestCase):
    def test_output_inputs_and_nodes(self):
        flow = support.write_one("@tool\ndef n(text: str):\n    return text * 2\n", {"text": ("string", "ab")})
        run = support.run(flow, runId="the-run")
        self.assertEqual((run["runId"], run["status"], run["error"]), ("the-run", "Completed", None))
        self.assertEqual((run["inputs"], run["output"], run["metrics"]), ({"text": "ab"}, {"out": "abab"}, {}))
        (node,) = run["nodes"]
        self.assertEqual((node["name"], node["status"], node["output"]), ("n", "Completed", "abab"))
        self.assertGreaterEqual(run["durationMs"], node["durationMs"])
        self.assertEqual(set(run), {*RUN_KEYS})
        self.assertEqual(set(node), {"name", "status", "durationMs", "output", "error", "stdout", "stderr"})

    def test_an_edit_is_seen_by_the_next_run(self):
        flow = support.write_one("from helper import word\n@tool\ndef n():\n    return word\n")
        for word in ("one", "two", "six"):
            with open(os.path.join(os.path.dirname(flow), "helper.py"), "w") as file:
                file.write("word = %r\n" % word)
            self.assertEqual(support.run(flow)["output"], {"out": word})

    def test_nothing_is_left_in_the_flow_folder_or_at_home(self):
        flow = support.write_one("import helper\n@tool\ndef n():\n    open('mine.txt', 'w').write('x')\n    return 1\n")
        folder = os.path.dirname(flow)
        with open(os.path.join(folder, "helper.py"), "w"):
            pass
        before = support.listing(folder)
        support.run(flow)
        self.assertEqual(set(support.listing(folder)) - set(before), {os.path.join(folder, "mine.txt")})
        self.assertEqual(support.listing(os.path.join(support.pool().folder, "home")), [])

    def test_position_of_an_error_in_the_persons_own_file(self):
        flow = support.write_one("import json\n@tool\ndef n():\n    return json.loads('{')\n")
        run = support.run(flow)
        own = os.path.join(os.path.dirname(flow), "n.py")
        for error in (run["error"], run["nodes"][0]["error"]):
            self.assertEqual((error["type"], error["file"], error["line"]), ("JSONDecodeError", own, 5))
            self.assertIn("n.py", error["traceback"])
            self.assertNotIn("promptflow/executor", error["traceback"])

    def test_position_of_errors_found_while_loading(self):
        for text, line in (("@tool\ndef n(:\n", 3), ("import no_such\n@tool\ndef n():\n    return 1\n", 2)):
            flow = support.write_one(text)
            error = support.run(flow)["error"]
            self.assertEqual((error["file"], error["line"]), (os.path.join(os.path.dirname(flow), "n.py"), line))

    def test_position_of_errors_in_templates_and_in_the_flow_file(self):
        for template in ("one\n{% if %}\n", "one\n{{ nothing.at.all }}\n"):
            nodes = [build.prompt("p", "p.jinja2")]
            flow = support.write({"flow.dag.yaml": build.dag(nodes, {}, {"o": "p.output"}), "p.jinja2": template})
            error = support.run(flow)["error"]
            self.assertEqual((error["file"], error["line"]), (os.path.join(os.path.dirname(flow), "p.jinja2"), 2))
        flow = support.write({"flow.dag.yaml": "inputs:\n  a: [1\nnodes: []\n"})
        error = support.run(flow)["error"]
        self.assertEqual((error["file"], error["line"]), (flow, 3))

    def test_a_missing_input_is_placed_where_it_is_declared(self):
        text = (
            "inputs:\n  # a\n  first: {type: string, default: x}\n  second:\n    type: string\nnodes: []\noutputs: {}\n"
        )
        flow = support.write({"flow.dag.yaml": text})
        error = support.run(flow)["error"]
        self.assertEqual((error["file"], error["line"]), (flow, 4))
        self.assertIn("second", error["action"])

    def test_a_class_is_made_with_what_is_given(self):
        text = "class Greeter:\n    def __init__(self, greeting: str):\n        self.greeting = greeting\n"
        text += "    def __call__(self, name: str) -> str:\n        return self.greeting + ' ' + name\n"
        flow = support.write({"flow.flex.yaml": "entry: g:Greeter\n", "g.py": text})
        self.assertEqual(
            support.run(flow, {"name": "Ada"}, init={"greeting": "Moin"})["output"], {"output": "Moin Ada"}
        )
        missing = support.run(flow, {"name": "Ada"})["error"]
        self.assertIn("greeting", missing["message"])
        self.assertIn("--init", missing["action"])

    def test_includes_by_a_link_have_its_targets_name(self):
        flow = support.write_one("@tool\ndef n():\n    import v2\n    return v2.WORD\n")
        folder = os.path.dirname(flow)
        lib = folder + "-lib"
        os.makedirs(lib)
        with open(os.path.join(lib, "v2.py"), "w") as file:
            file.write("WORD = 'two'\n")
        os.symlink("v2.py", os.path.join(lib, "current.py"))
        os.symlink("/nowhere", os.path.join(folder, "dangling"))
        with open(flow, "a") as file:
            file.write("\nadditional_includes:\n- ../%s/current.py\n" % os.path.basename(lib))
        self.assertEqual(support.run(flow)["output"], {"out": "two"})

    def test_files_written_beside_merged_includes_are_named(self):
        body = "@tool\ndef n():\n    open('made.txt', 'w').write('x')\n    raise ValueError(1)\n"
        nodes = [build.python("n", "shared.py")]
        dag = build.dag(nodes, {}, {"o": "n.output"}, additional_includes=["../lib/shared.py"])
        flow = support.write({"flow/flow.dag.yaml": dag, "lib/shared.py": build.tool(body)})
        run = support.run(flow)
        shared = os.path.join(os.path.dirname(os.path.dirname(flow)), "lib", "shared.py")
        self.assertEqual((run["error"]["file"], run["error"]["line"]), (shared, 5))
        self.assertIn(shared, run["error"]["traceback"])
        self.assertEqual([os.path.basename(path) for path in run["artifacts"]], ["made.txt"])
        with open(run["artifacts"][0]) as file:
            self.assertEqual(file.read(), "x")

    def test_images_lie_outside_the_flow_folder_and_are_named(self):
        import flows_more

        flow = support.write(build.one(flows_more.IMAGE_TOOL, {"image": "image"}))
        run = support.run(flow, {"image": {"data:image/png;base64": flows_more.IMAGE}})
        path = run["output"]["out"]["image"]["data:image/png;path"]
        self.assertTrue(any(each.endswith(path) and os.path.isfile(each) for each in run["artifacts"]))
        self.assertFalse(os.path.exists(os.path.join(os.path.dirname(flow), ".promptflow")))

    def test_folders_of_runs_that_leave_nothing_go(self):
        run = support.run(support.write_one("@tool\ndef n():\n    return 1\n"))
        self.assertFalse(os.path.exists(os.path.join(support.pool().folder, "runs", run["runId"])))

    def test_two_runs_draw_different_numbers(self):
        text = "import random, uuid\n@tool\ndef n():\n    return [random.random(), str(uuid.uuid4())]\n"
        flow = support.write_one(text)
        first, second = support.run(flow)["output"]["out"], support.run(flow)["output"]["out"]
        self.assertNotEqual(first[0], second[0])
        self.assertNotEqual(first[1], second[1])

    def test_no_promptflow_is_said_so(self):
        empty = support.new_pool(python=os.path.realpath(sys.executable), PYTHONNOUSERSITE="1")
        with self.assertRaises(Exception) as raised:
            support.run(support.write_one(""), on=empty)
        self.assertEqual((raised.exception.kind, empty.status), ("no-promptflow", "absent"))


RUN_KEYS = ("runId", "status", "inputs", "output", "metrics", "durationMs", "error", "nodes", "artifacts")


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


class Surroundings(unittest.TestCase):
    def value(self, expression, **more):
        run = support.run(
            support.write_one("import os, sys, threading\n@tool\ndef n():\n    return %s\n" % expression), **more
        )
        self.assertEqual(run["status"], "Completed", run["error"])
        return run["output"]["out"]

    def test_network_settings_reach_the_run(self):
        self.assertEqual(self.value("os.environ['HTTPS_PROXY']", network={"HTTPS_PROXY": "http://p"}), "http://p")

    def test_import_path_and_working_folder(self):
        path, here = self.value("[sys.path, os.getcwd()]")
        self.assertEqual(path[0], here)
        self.assertFalse([entry for entry in path if "src/agent" in entry])

    def test_the_environments_programs_come_first(self):
        first = self.value("os.environ['PATH'].split(':')[0]")
        self.assertEqual(first, os.path.dirname(support.PYTHON))

    def test_processes_of_tools(self):
        text = """
            import concurrent.futures, multiprocessing
            from work import square
            @tool
            def n(how: str):
                context = multiprocessing.get_context(how)
                with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
                    return list(pool.map(square, [1, 2, 3]))
        """
        for how in ("spawn", "fork", "forkserver"):
            files = dict(build.one(text, {"how": "string"}), **{"work.py": "def square(x):\n    return x * x\n"})
            self.assertEqual(support.run(support.write(files), {"how": how})["output"], {"out": [1, 4, 9]}, how)

    def test_several_runs_at_once(self):
        flow = support.write_one(
            "import time\n@tool\ndef n(x: int):\n    time.sleep(0.5)\n    return x\n", {"x": "int"}
        )
        found = {}
        threads = [
            threading.Thread(target=lambda x=x: found.update({x: support.run(flow, {"x": x})["output"]["out"]}))
            for x in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(support.LONG)
        self.assertEqual(found, {x: x for x in range(5)})
        self.assertEqual(support.pool().active_runs, 0)

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


def _command(pid):
    try:
        with open("/proc/%d/cmdline" % pid) as file:
            return file.read()
    except OSError:
        return ""
