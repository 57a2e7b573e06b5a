import os
import re
import subprocess
import time
import unittest

from installs import InstallTest
from packages import TOKEN, wheel


class Problems(InstallTest):
    CASES = (
        ("alpha\nno-such-thing==1\n", "not-found", ["no-such-thing"], 2),
        ("# x\n\nalpha==9\n", "no-version", ["alpha"], 3),
        ("alpha\nalpha==9\n", "conflict", ["alpha"], 1),
        ("beta\ngamma\n", "conflict", ["alpha", "beta", "gamma"], None),
        ("alpha\nalpha==1.0 beta\n", "syntax", [], 2),
        ("alpha\n--no-such-option\n", "syntax", [], 2),
        ("alpha\n-r nowhere.txt\n", "syntax", [], 2),
        ("broken==1.0\n", "build", ["broken"], 1),
        ("alpha\nfuture\n", "no-version", ["future"], 2),
    )

    def test_each_has_kind_package_and_line(self):
        agent = self.agent()
        client = agent.client()
        for text, kind, packages, line in self.CASES:
            with self.subTest(text):
                report = self.install(agent, text, client)
                problem = report["problem"]
                self.assertEqual(report["status"], "failed")
                said = "%r\n%s" % (problem, "\n".join(client.lines(max(client.events))))
                self.assertEqual(problem["kind"], kind, said)
                self.assertTrue(set(problem["packages"]) <= set(packages), said)
                self.assertTrue(problem["packages"] or not packages, said)
                if line:
                    self.assertEqual(problem["line"], line, said)
                    self.assertEqual(problem["file"], os.path.join(agent.flow, "requirements.txt"), said)
                self.assertRegex(problem["message"], r"^.{10,600}$", said)
                self.assertTrue(problem["action"])
        self.assertEqual(client.call("state")["requirements"]["state"], "failed")
        self.assertEqual(client.call("state")["requirements"]["error"]["kind"], "no-version")

    def test_the_index_is_not_there(self):
        agent = self.agent(network={"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"})
        report = self.install(agent, "alpha\n")
        self.assertEqual((report["problem"]["kind"], report["problem"]["line"]), ("network", 1), report["problem"])

    def test_the_index_wants_a_token(self):
        agent = self.agent(network={"PIP_INDEX_URL": self.index.private})
        report = self.install(agent, "alpha\n")
        self.assertEqual(report["problem"]["kind"], "auth", report["problem"])


class Secrets(InstallTest):
    def seen_while_installing(self, agent, client, request):
        """Environment blocks and arguments of everything that runs below the agent, until the install is done."""
        seen = []
        while request not in client.answers:
            for pid in filter(str.isdigit, os.listdir("/proc")):
                for name in ("environ", "cmdline"):
                    try:
                        with open("/proc/%s/%s" % (pid, name), "rb") as file:
                            data = file.read()
                    except OSError:
                        continue
                    if agent.config["envDir"].encode() in data:
                        seen.append(data)
            time.sleep(0.02)
        return seen

    def check(self, agent, **wanted):
        client = agent.client()
        request = client.begin("install", **wanted)
        seen = self.seen_while_installing(agent, client, request)
        report = client.end(request)["result"]
        self.assertEqual(report["status"], "ok", report)
        self.assertGreater(len(seen), 0)
        self.assertFalse([data for data in seen if TOKEN.encode() in data])
        self.assertNotIn(TOKEN, repr(client.events) + repr(report) + agent.errors())
        self.assertNotIn(TOKEN, repr(client.call("state")))
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        self.assertNotIn(TOKEN.encode(), file.read(), path)

    def test_a_token_of_the_environment_reaches_only_the_index(self):
        agent = self.agent(network={"PIP_INDEX_URL": self.index.private_with_token})
        self.check(agent, **self.request(agent, "alpha\n"))

    def test_a_token_of_an_unsaved_file_reaches_only_the_index(self):
        agent = self.agent(network={"PIP_INDEX_URL": self.index.url})
        text = "--extra-index-url %s\nalpha\n" % self.index.private_with_token
        self.check(agent, **self.request(agent, text, on_disk=False))


class CheckIndex(InstallTest):
    def test_it_says_whether_the_index_answers(self):
        agent = self.agent()
        client = agent.client()
        found = client.call("checkIndex", environment={"PIP_INDEX_URL": self.index.url})
        self.assertEqual(found["ok"], True, found)
        self.assertIn(self.index.url, found["message"])
        found = client.call("checkIndex", environment={"PIP_INDEX_URL": "http://127.0.0.1:9/simple"})
        self.assertEqual(found["ok"], False)
        self.assertRegex(found["message"], re.escape("127.0.0.1"))
        found = client.call("checkIndex", environment={"PIP_INDEX_URL": self.index.private_with_token})
        self.assertEqual(found["ok"], True, found)
        self.assertNotIn(TOKEN, found["message"])


class FullDisk(InstallTest):
    def test_pip_that_finds_no_room_is_told_so(self):
        self.assertEqual(os.getuid(), 0, "this test mounts a small file system: run it as root")
        room = os.path.join(self.folder, "room")
        os.mkdir(room)
        subprocess.check_call(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", room])
        self.addCleanup(subprocess.check_call, ["umount", "-l", room])
        wheel(self.wheels, "big", code="TEXT = %r" % ("x" * 2_000_000))
        agent = self.agent(envDir=os.path.join(room, "env"))
        problem = self.install(agent, "big\n")["problem"]
        self.assertEqual(problem["kind"], "disk", problem)
        self.assertTrue(problem["action"])


if __name__ == "__main__":
    unittest.main()
