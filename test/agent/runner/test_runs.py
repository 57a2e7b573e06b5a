"""What a run gives, and what its caller hears meanwhile."""

import os
import sys
import threading
import unittest

import support
from support import build

RUN_KEYS = ("runId", "status", "inputs", "output", "metrics", "durationMs", "error", "nodes", "artifacts")


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
