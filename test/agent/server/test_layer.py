import os
import shutil
import subprocess
import sys
import unittest

from packages import wheel
from support import PLAIN, AgentTest, wait_until, write


def unpack(path, site):
    """Installs a wheel the short way."""
    import zipfile

    os.makedirs(site, exist_ok=True)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(site)


class LayerTest(AgentTest):
    def started(self, **options):
        """An agent whose layer and launchers are there."""
        agent = self.agent(**options)
        agent.bin = os.path.join(agent.config["envDir"], "bin")
        agent.layer_python = os.path.join(agent.bin, "python")
        wait_until(lambda: "runner:" in agent.errors())
        return agent

    def ask(self, agent, code):
        argv = [agent.layer_python, "-c", code]
        return subprocess.check_output(argv, env={"HOME": agent.config["home"]}).decode().strip()


class OverAPlainPython(LayerTest):
    def test_it_is_a_virtual_environment_above_the_running_python(self):
        agent = self.started()
        code = "import sys, sysconfig; print(sys.prefix, sys.base_prefix, sysconfig.get_paths()['purelib'], sep='\\n')"
        prefix, base, site = self.ask(agent, code).splitlines()
        self.assertEqual((prefix, base), (agent.config["envDir"], sys.base_prefix))
        self.assertTrue(site.startswith(agent.config["envDir"]))
        self.assertEqual(agent.client().call("state")["python"]["executable"], agent.layer_python)

    def test_the_packages_of_that_python_are_seen(self):
        agent = self.started()
        below = subprocess.check_output([PLAIN, "-c", "import sys; print(sys.path[1:])"], env={}).decode()
        above = self.ask(agent, "import sys; print(sys.path[1:])")
        self.assertEqual(set(eval(below)) - set(eval(above)), set())

    def test_a_restarted_agent_takes_the_layer_as_it_is(self):
        agent = self.started()
        settings = os.path.join(agent.config["envDir"], "pyvenv.cfg")
        with open(settings, "a") as file:
            file.write("prompt = mine\n")
        before = os.stat(settings)
        agent.client().call("shutdown")
        agent.process.wait(30)
        again = self.started()
        self.assertEqual(os.stat(settings).st_mtime_ns, before.st_mtime_ns)
        self.assertEqual(self.ask(again, "print(1)"), "1")


class OverAVirtualEnvironment(LayerTest):
    def setUp(self):
        super().setUp()
        self.below = os.path.join(self.folder, "below ü")
        subprocess.check_call([PLAIN, "-m", "venv", "--without-pip", self.below])
        self.site = os.path.join(self.below, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")
        tool = wheel(self.folder, "Lower.Tool", "2.0", scripts=["lower-tool = lower_tool:main"], code=MAIN)
        os.rename(tool, tool.replace("Lower.Tool", "lower_tool"))
        unpack(tool.replace("Lower.Tool", "lower_tool"), self.site)
        os.rename(os.path.join(self.site, "lower.tool.py"), os.path.join(self.site, "lower_tool.py"))
        self.python = os.path.join(self.below, "bin", "python")

    def test_its_packages_are_seen_and_those_below_it_are_not(self):
        write(os.path.join(self.site, "editable.pth"), os.path.join(self.folder, "edited") + "\n")
        write(os.path.join(self.folder, "edited", "edited_module.py"), "")
        agent = self.started(python=self.python)
        self.assertEqual(self.ask(agent, "import lower_tool, edited_module; print(lower_tool.VERSION)"), "2.0")
        found = "import importlib.util as u; print(u.find_spec('pip'))"
        self.assertEqual(self.ask(agent, found), "None")
        self.assertEqual(agent.hello["python"]["executable"], self.python)

    def test_system_packages_are_seen_when_it_sees_them(self):
        settings = os.path.join(self.below, "pyvenv.cfg")
        with open(settings) as file:
            text = file.read()
        write(settings, text.replace("include-system-site-packages = false", "include-system-site-packages = true"))
        agent = self.started(python=self.python)
        self.assertEqual(self.ask(agent, "import lower_tool, pip; print(lower_tool.VERSION)"), "2.0")

    def test_its_console_scripts_run_under_the_layers_python(self):
        agent = self.started(python=self.python)
        tool = wait_until(lambda: shutil.which("lower-tool", path=agent.bin))
        self.assertEqual(subprocess.check_output([tool]).decode().strip(), agent.config["envDir"])

    def test_packages_tell_their_layer(self):
        agent = self.started(python=self.python)
        packages = agent.client().call("packages")
        self.assertEqual([package["name"] for package in packages], ["Lower.Tool"])
        expected = {"name": "Lower.Tool", "version": "2.0", "layer": "base", "requires": [], "location": self.site}
        self.assertEqual(packages[0], expected)


class OverASharedBase(LayerTest):
    def test_a_path_with_blanks_has_launchers_that_run(self):
        site = os.path.join(self.folder, "shared")
        unpack(wheel(self.folder, "tool", scripts=["tool = tool:main"], code=MAIN), site)
        for name in ("plain", "a b ü", "long" * 40):
            with self.subTest(name):
                self.check_launcher(os.path.join(self.folder, name), site)

    def check_launcher(self, folder, site):
        short = os.path.join(self.folder, "%d.sock" % len(folder))
        agent = self.started(folder=folder, baseSitePackages=site, socket=short)
        tool = wait_until(lambda: shutil.which("tool", path=agent.bin))
        self.assertEqual(subprocess.check_output([tool]).decode().strip(), agent.config["envDir"])

    def test_only_the_given_folder_is_below(self):
        site = os.path.join(self.folder, "shared")
        unpack(wheel(self.folder, "shared-thing", "3.0", requires=["Six_Or.So>1; python_version>'3'"]), site)
        unpack(wheel(self.folder, "promptflow", "1.18.5"), site)
        agent = self.started(basePython=PLAIN, baseSitePackages=site)
        self.assertEqual(self.ask(agent, "import shared_thing; print(shared_thing.VERSION)"), "3.0")
        self.assertEqual(self.ask(agent, "import importlib.util as u; print(u.find_spec('pip'))"), "None")
        client = agent.client()
        self.assertEqual((agent.hello["promptflow"], client.call("state")["promptflow"]), ("1.18.5", "1.18.5"))
        requires = {package["name"]: package["requires"] for package in client.call("packages")}
        self.assertEqual(requires, {"shared-thing": ["six-or-so"], "promptflow": []})

    def test_a_python_of_another_folder_is_asked_for_its_version(self):
        shim = write(os.path.join(self.folder, "shim"), '#!/bin/sh\nexec "%s" "$@"\n' % PLAIN, 0o755)
        agent = self.started(basePython=shim)
        self.assertEqual(agent.hello["python"]["executable"], PLAIN)
        self.assertEqual(self.ask(agent, "import sys; print(sys.prefix)"), agent.config["envDir"])


MAIN = "import sys\ndef main():\n    print(sys.prefix)\n"

if __name__ == "__main__":
    unittest.main()
