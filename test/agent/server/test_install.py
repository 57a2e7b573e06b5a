import os
import subprocess
import unittest

from installs import InstallTest
from packages import wheel
from pools import SCRIPTED
from support import PLAIN, source_with_pool, wait_until, write


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

    def test_files_that_are_not_the_flows_own_leave_its_state_alone(self):
        agent = self.agent()
        client = agent.client()
        self.install(agent, "alpha==1.0\n", client)
        before = client.call("state")["requirements"]
        for text, status in (("no-such-thing\n", "failed"), ("beta\n", "ok")):
            wanted = self.request(agent, text, name="other.txt")
            wanted["requirements"]["record"] = False
            self.assertEqual(client.call("install", **wanted)["status"], status)
            self.assertEqual(client.call("state")["requirements"], before)

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


class ThePool(InstallTest):
    """What the runner is told of changed packages."""

    def setUp(self):
        super().setUp()
        self.server = self.agent(source=source_with_pool(self.folder, SCRIPTED))
        self.client = self.server.client()

    def replaced(self):
        return self.client.call("run", flowFile="x", inputs={"do": "replaced"})

    def test_additions_may_wait_and_changes_may_not(self):
        self.install(self.server, "alpha==1.0\n", self.client)
        self.assertEqual(self.replaced(), [False])
        self.install(self.server, "alpha==1.0\n", self.client)
        self.assertEqual(self.replaced(), [False])
        self.install(self.server, "alpha==2.0\n", self.client)
        self.assertEqual(self.replaced(), [False, True])

    def test_what_is_installed_by_hand_is_noticed_by_the_next_run(self):
        self.assertEqual(self.replaced(), [])
        pip = [os.path.join(self.server.config["envDir"], "bin", "python"), "-m", "pip", "install", "-q"]
        subprocess.check_call([*pip, "--no-index", "-f", self.wheels, "alpha==1.0"])
        self.assertEqual(self.replaced(), [True])
        self.assertEqual(self.replaced(), [True])


class CopiedFiles(InstallTest):
    def test_a_comment_that_names_an_encoding_does_not_mislead_pip(self):
        agent = self.agent()
        text = "# -*- coding: latin-1 -*-\n# für uns\nalpha==1.0 ; python_version >= '3' # ü\n"
        report = self.install(agent, text, on_disk=False)
        self.assertEqual([change["to"] for change in report["changed"]], ["1.0"], report)

    def test_links_beside_a_file_are_found_from_its_copy(self):
        agent = self.agent(network={"PIP_INDEX_URL": ""})
        below = os.path.join(agent.flow, "deep")
        wheel(os.path.join(below, "wheels"), "local-only")
        write(os.path.join(below, "needs.txt"), "# another text\n")
        text = "--no-index\n--find-links ./wheels\nlocal-only\n"
        report = self.install(agent, text, name="deep/needs.txt", on_disk=False)
        self.assertEqual([change["name"] for change in report["changed"]], ["local-only"], report)


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


if __name__ == "__main__":
    unittest.main()
