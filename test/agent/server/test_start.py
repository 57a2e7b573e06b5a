import json
import os
import socket
import stat
import subprocess
import sys
import unittest

from support import FLOW, PATIENCE, PLAIN, SOURCE, Agent, AgentTest, wait_until, write


class Start(AgentTest):
    def test_hello_line_and_hello_of_a_connection_are_one(self):
        agent = self.agent()
        self.assertEqual(agent.client().hello, agent.hello)
        hello = agent.hello
        self.assertEqual(hello["protocol"], {"major": 1, "minor": 0})
        self.assertEqual(hello["sessionId"], "0123456789abcdef")
        self.assertEqual(hello["python"]["version"], "%d.%d.%d" % sys.version_info[:3])
        self.assertEqual((hello["uid"], hello["pid"]), (os.getuid(), agent.process.pid))
        self.assertRegex(hello["startedAt"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_hello_says_whether_the_download_cache_can_be_used(self):
        cache = os.path.join(self.folder, "cache")
        os.mkdir(cache)
        agent = self.agent(cacheDir=cache)
        self.assertIs(agent.hello["cacheWritable"], True)
        os.rmdir(cache)
        self.assertIs(agent.client().hello["cacheWritable"], False)

    def test_hello_names_the_flow_file_as_the_agent_sees_it_now(self):
        import hashlib

        agent = self.agent()
        self.assertEqual(agent.hello["flowFileHash"], hashlib.sha256(FLOW.encode()).hexdigest())
        os.unlink(os.path.join(agent.flow, "flow.dag.yaml"))
        self.assertIsNone(agent.client().hello["flowFileHash"])

    def test_hello_tells_promptflow_by_its_metadata(self):
        below = os.path.join(self.folder, "below")
        os.makedirs(os.path.join(below, "promptflow-1.18.2.dist-info"))
        os.makedirs(os.path.join(below, "promptflow_core-1.18.0.dist-info"))
        self.assertEqual(self.agent(baseSitePackages=below).hello["promptflow"], "1.18.2")

    def test_nothing_heavy_is_loaded_before_the_hello(self):
        agent = Agent(self.folder)
        code = "import sys; sys.path.insert(0, sys.argv[1]); from pf_agent import start; start.begin(sys.argv[2])\n"
        code += "heavy = {'json', 're', 'enum', 'threading', 'subprocess', 'socket', 'typing', 'hashlib', 'asyncio'}\n"
        code += "print(sorted(heavy & set(sys.modules)))"
        argv = [PLAIN, "-S", "-E", "-c", code, SOURCE, agent.config_path]
        self.assertEqual(subprocess.check_output(argv).decode().splitlines()[1], "[]")

    def test_the_socket_is_its_owners_alone(self):
        agent = self.agent()
        self.assertEqual(stat.S_IMODE(os.stat(agent.socket).st_mode), 0o600)

    def test_a_second_agent_leaves_the_first_alone(self):
        agent = self.agent()
        second = agent.spawn()
        output, _ = second.communicate(timeout=PATIENCE)
        self.assertEqual((second.returncode, output), (98, b""))
        self.assertEqual(agent.client().call("keepAlive"), {})

    def test_a_socket_left_over_is_replaced(self):
        folder = os.path.join(self.folder, "run")
        os.makedirs(folder)
        left = socket.socket(socket.AF_UNIX)
        left.bind(os.path.join(folder, "agent.sock"))
        left.close()
        self.assertEqual(self.agent().client().call("keepAlive"), {})

    def test_what_hinders_a_start_is_one_line(self):
        config = write(os.path.join(self.folder, "config.json"), "{broken")
        for text, words in (("{broken", "cannot read the config"), ('{"sessionId": "x"}', "lacks flow, socket")):
            write(config, text)
            argv = [PLAIN, "-S", "-E", os.path.join(SOURCE, "main.py"), config]
            done = subprocess.run(argv, capture_output=True)
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertIn(words, done.stderr.decode())
            self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_a_config_may_hold_any_text(self):
        strange = os.path.join(self.folder, 'Größe "1"\\ 流 \U0001f600')
        agent = self.agent(folder=strange)
        wait_until(lambda: agent.client().call("state")["runner"] != "loading")
        self.assertTrue(os.access(agent.client().call("state")["python"]["executable"], os.X_OK))

    def test_at_rest_it_is_small(self):
        agent = self.agent()
        client = agent.client()
        wait_until(lambda: client.call("state")["runner"] != "loading")
        self.assertLessEqual(agent.memory(), 20)


class QuickJson(unittest.TestCase):
    def test_it_reads_and_writes_as_json_does(self):
        from pf_agent import quickjson

        value = {"a": [1, -2.5, None, True, False, 'ä"\\\n\U0001f600'], "": {}, "b": {"c": []}}
        self.assertEqual(json.loads(quickjson.dumps(value)), value)
        for text in (json.dumps(value), json.dumps(value, indent=2, ensure_ascii=False), "\ufeff {} \n", "[1]"):
            self.assertEqual(quickjson.loads(text), json.loads(text.strip("\ufeff")))
        for text in ("", "{", "{} {}", "nul", '{"a"'):
            with self.assertRaises(ValueError):
                quickjson.loads(text)


if __name__ == "__main__":
    unittest.main()
