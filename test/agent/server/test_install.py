import hashlib
import os
import re
import shutil
import subprocess
import time
import unittest

from packages import TOKEN, Index, broken_source, wheel
from support import PLAIN, AgentTest, alive, wait_until, write


class InstallTest(AgentTest):
    @classmethod
    def setUpClass(cls):
        import tempfile

        cls.wheels = tempfile.mkdtemp(prefix="pfa-wheels-")
        wheel(cls.wheels, "alpha", "1.0", scripts=["alpha = alpha:main"], code="def main():\n    print(VERSION)\n")
        wheel(cls.wheels, "alpha", "2.0", scripts=["alpha = alpha:main"], code="def main():\n    print(VERSION)\n")
        wheel(cls.wheels, "beta", "1.0", requires=["alpha<2"])
        wheel(cls.wheels, "gamma", "1.0", requires=["alpha>=2"])
        wheel(cls.wheels, "future", "1.0", python=">=4")
        broken_source(cls.wheels, "broken")
        cls.index = Index(cls.wheels)

    @classmethod
    def tearDownClass(cls):
        cls.index.close()
        shutil.rmtree(cls.wheels)

    def agent(self, **options):
        network = {"PIP_INDEX_URL": self.index.url, **options.pop("network", {})}
        agent = super().agent(environment={**HOSTILE, **options.pop("environment", {})}, **options)
        self.network = network
        return agent

    def request(self, agent, text, name="requirements.txt", on_disk=True, **more):
        path = os.path.join(agent.flow, name)
        files = {path: text, **more.pop("files", {})}
        if on_disk:
            for file, content in files.items():
                write(file, content)
        digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
        requirements = {"path": path, "files": files, "hash": digest}
        return {"requirements": requirements, "cwd": agent.flow, "dryRun": False, "environment": self.network, **more}

    def install(self, agent, text, client=None, **more):
        return (client or agent.client()).call("install", **self.request(agent, text, **more))

    def python(self, agent, code):
        argv = [os.path.join(agent.config["envDir"], "bin", "python"), "-c", code]
        return subprocess.check_output(argv).decode().strip()


# What an image may have set, and what must not hurt.
HOSTILE = {
    "PIP_TARGET": "/nowhere",
    "PIP_USER": "1",
    "PIP_PREFIX": "/nowhere",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_QUIET": "3",
    "PIP_REQUIRE_VIRTUALENV": "1",
}


class Install(InstallTest):
    def test_what_the_file_names_is_there_afterwards(self):
        agent = self.agent()
        client = agent.client()
        request = client.begin("install", **self.request(agent, "# ours\nbeta\n", name="my reqs.txt"))
        report = client.end(request)["result"]
        self.assertEqual(report["status"], "ok", report)
        self.assertEqual(report["command"], "pip install -r 'my reqs.txt'")
        self.assertEqual(report["cwd"], agent.flow)
        added = [{"name": "alpha", "from": None, "to": "1.0"}, {"name": "beta", "from": None, "to": "1.0"}]
        self.assertEqual(report["changed"], added)
        self.assertEqual((report["problem"], report["conflicts"]), (None, []))
        self.assertGreater(report["durationMs"], 0)
        self.assertEqual(self.python(agent, "import alpha; print(alpha.VERSION)"), "1.0")
        self.assertTrue(any("Collecting beta" in line for line in client.lines(request)))
        phases = [data["name"] for name, data in client.events[request] if name == "phase"]
        self.assertEqual((phases[0], phases[-1]), ("resolve", "install"))
        state = client.call("state")
        self.assertEqual(state["requirements"]["state"], "installed")
        self.assertEqual(state["requirements"]["file"], os.path.join(agent.flow, "my reqs.txt"))
        self.assertEqual(len(state["requirements"]["hash"]), 64)
        self.assertIsNone(state["operation"])
        self.assertEqual(sorted(os.listdir(agent.flow)), ["flow.dag.yaml", "my reqs.txt"])
        self.assertFalse([name for name in os.listdir(agent.config["runtimeDir"]) if name.startswith("install")])

    def test_again_changes_nothing_and_another_version_is_a_change(self):
        agent = self.agent()
        client = agent.client()
        self.install(agent, "alpha==1.0\n", client)
        self.assertEqual(self.install(agent, "alpha==1.0\n", client)["changed"], [])
        report = self.install(agent, "alpha==2.0\n", client)
        self.assertEqual(report["changed"], [{"name": "alpha", "from": "1.0", "to": "2.0"}])
        script = os.path.join(agent.config["envDir"], "bin", "alpha")
        self.assertEqual(subprocess.check_output([script]).decode().strip(), "2.0")
        found = [package for package in client.call("packages") if package["layer"] == "session"]
        self.assertEqual([(package["name"], package["version"]) for package in found], [("alpha", "2.0")])

    def test_a_conflict_with_what_is_there_is_told_and_no_failure(self):
        agent = self.agent()
        self.install(agent, "beta\n")
        report = self.install(agent, "alpha==2.0\n")
        self.assertEqual(report["status"], "ok")
        self.assertEqual(len(report["conflicts"]), 1)
        self.assertRegex(report["conflicts"][0], r"beta 1\.0 (requires|has requirement) alpha<2.*2\.0")

    def test_text_that_is_not_on_disk_is_installed_and_the_disk_left_alone(self):
        agent = self.agent()
        path = write(os.path.join(agent.flow, "requirements.txt"), "broken\n")
        files = {os.path.join(agent.flow, "more", "constraints.txt"): "alpha<2\n"}
        text = "-c more/constraints.txt\nalpha\n"
        client = agent.client()
        request = client.begin("install", **self.request(agent, text, on_disk=False, files=files))
        report = client.end(request)["result"]
        self.assertEqual([change["to"] for change in report["changed"]], ["1.0"])
        self.assertEqual(report["command"], "pip install -r requirements.txt")
        with open(path) as file:
            self.assertEqual(file.read(), "broken\n")
        self.assertFalse([line for line in client.lines(request) if agent.config["runtimeDir"] in line])
        self.assertFalse(os.path.exists(os.path.join(agent.flow, "more")))

    def test_absolute_includes_of_unsaved_files_are_found(self):
        agent = self.agent()
        other = os.path.join(self.folder, "elsewhere", "base.txt")
        report = self.install(agent, "-r %s\n" % other, on_disk=False, files={other: "alpha==1.0\n"})
        self.assertEqual([change["to"] for change in report["changed"]], ["1.0"])

    def test_a_missing_file_is_an_error(self):
        agent = self.agent()
        wanted = self.request(agent, "")
        wanted["requirements"]["files"] = {}
        os.unlink(wanted["requirements"]["path"])
        client = agent.client()
        self.assertEqual(client.error("install", **wanted)["kind"], "requirements-missing")
        self.assertEqual(client.call("state")["requirements"]["state"], "none")

    def test_the_outcome_survives_a_restart(self):
        agent = self.agent()
        self.install(agent, "alpha\n")
        before = agent.client().call("state")["requirements"]
        agent.stop()
        self.assertEqual(self.agent().client().call("state")["requirements"], before)

    def test_console_scripts_of_the_base_are_covered_and_uncovered(self):
        below = os.path.join(self.folder, "below")
        subprocess.check_call([PLAIN, "-m", "venv", below])
        argv = [os.path.join(below, "bin", "python"), "-m", "pip", "install", "-q", "--no-index", "-f", self.wheels]
        subprocess.check_call([*argv, "alpha==1.0"])
        agent = self.agent(python=argv[0])
        script = os.path.join(agent.config["envDir"], "bin", "alpha")
        wait_until(lambda: os.path.exists(script))
        self.assertEqual(subprocess.check_output([script]).decode().strip(), "1.0")
        report = self.install(agent, "alpha==2.0\n")
        self.assertEqual(report["changed"], [{"name": "alpha", "from": "1.0", "to": "2.0"}])
        self.assertEqual(subprocess.check_output([script]).decode().strip(), "2.0")
        self.assertEqual(subprocess.check_output([os.path.join(below, "bin", "alpha")]).decode().strip(), "1.0")
        pip = os.path.join(agent.config["envDir"], "bin", "pip")
        subprocess.check_call([pip, "uninstall", "-q", "-y", "alpha"])
        self.install(agent, "beta\n")
        self.assertEqual(subprocess.check_output([script]).decode().strip(), "1.0")

    def test_a_python_without_pip_uses_the_one_of_ensurepip(self):
        below = os.path.join(self.folder, "below")
        subprocess.check_call([PLAIN, "-m", "venv", "--without-pip", below])
        agent = self.agent(python=os.path.join(below, "bin", "python"))
        report = self.install(agent, "alpha\n")
        self.assertEqual([change["name"] for change in report["changed"]], ["alpha"], report)


class DryRun(InstallTest):
    def test_it_tells_and_does_nothing(self):
        agent = self.agent()
        self.install(agent, "beta\n")
        client = agent.client()
        before = client.call("state")["requirements"]
        report = self.install(agent, "alpha==2.0\n", client, dryRun=True)
        self.assertEqual(report["changed"], [{"name": "alpha", "from": "1.0", "to": "2.0"}], report)
        words = "beta 1.0 requires alpha<2, but you would have alpha 2.0 which is incompatible."
        self.assertEqual(report["conflicts"], [words])
        self.assertEqual(self.python(agent, "import alpha; print(alpha.VERSION)"), "1.0")
        self.assertEqual(client.call("state")["requirements"], before)
        self.assertEqual(report["command"], "pip install --dry-run -r requirements.txt")


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


class Together(InstallTest):
    def setUp(self):
        super().setUp()
        self.index.released.clear()
        self.addCleanup(self.index.released.set)
        self.server = self.agent(network={"PIP_INDEX_URL": self.index.slow})

    def begin(self, client, text="alpha\n", **more):
        request = client.begin("install", **self.request(self.server, text, **more))
        wait_until(lambda: client.call("state")["operation"])
        return request

    def pips(self):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as file:
                    if self.server.config["envDir"].encode() + b"/bin/python\0-m\0pip" in file.read():
                        found.append(int(pid))
            except OSError:
                continue
        return found

    def test_the_same_install_is_joined_and_another_is_busy(self):
        first, second, third = self.server.client(), self.server.client(), self.server.client()
        request = self.begin(first)
        joined = second.begin("install", **self.request(self.server, "alpha\n"))
        self.assertEqual(first.call("state")["operation"]["kind"], "install")
        self.assertIsNone(first.call("state")["idle"]["remainingSeconds"])
        wait_until(lambda: first.lines(request) and self.pips())
        busy = third.error("install", **self.request(self.server, "beta\n", name="other.txt"))
        self.assertEqual(busy["kind"], "session-busy")
        dry = third.error("install", **self.request(self.server, "alpha\n", dryRun=True))
        self.assertEqual(dry["kind"], "session-busy")
        self.assertEqual(len(self.pips()), 1)
        self.index.released.set()
        reports = [first.end(request)["result"], second.end(joined)["result"]]
        self.assertEqual(reports[0], reports[1])
        self.assertEqual(reports[0]["changed"], [{"name": "alpha", "from": None, "to": "2.0"}])
        self.assertTrue(second.lines(joined))

    def test_one_of_two_may_go(self):
        first, second = self.server.client(), self.server.client()
        self.begin(first)
        joined = second.begin("install", **self.request(self.server, "alpha\n"))
        self.assertEqual(second.call("keepAlive"), {})
        first.close()
        self.index.released.set()
        self.assertEqual(second.end(joined)["result"]["status"], "ok")

    def test_cancel_ends_pip(self):
        client = self.server.client()
        request = self.begin(client)
        pips = wait_until(self.pips)
        wait_until(lambda: any("Downloading" in line or "files" in line for line in client.lines(request)) or True)
        client.send({"id": request, "cancel": True})
        self.assertEqual(client.end(request)["error"]["kind"], "cancelled")
        self.assertFalse([pid for pid in pips if alive(pid)])
        state = client.call("state")
        self.assertEqual((state["operation"], state["requirements"]["state"]), (None, "none"))
        self.index.released.set()
        self.assertEqual(self.install(self.server, "alpha\n", client)["status"], "ok")

    def test_the_last_client_that_goes_takes_pip_along(self):
        client, observer = self.server.client(), self.server.client()
        self.begin(client)
        pips = wait_until(self.pips)
        client.close()
        wait_until(lambda: observer.call("state")["operation"] is None)
        self.assertFalse([pid for pid in pips if alive(pid)])

    def test_shutdown_ends_pip(self):
        client = self.server.client()
        self.begin(client)
        pips = wait_until(self.pips)
        self.server.client().call("shutdown")
        self.server.process.wait(30)
        wait_until(lambda: not [pid for pid in pips if alive(pid)])

    def test_an_agent_killed_in_an_install_says_so_afterwards(self):
        self.begin(self.server.client())
        pips = wait_until(self.pips)
        self.server.process.kill()
        self.server.process.wait()
        for pid in pips:
            os.kill(pid, 9)
        again = self.agent(network={"PIP_INDEX_URL": self.index.url})
        requirements = again.client().call("state")["requirements"]
        self.assertEqual((requirements["state"], requirements["hash"]), ("unchecked", None))


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


if __name__ == "__main__":
    unittest.main()
