"""Installs from an index of their own, by an agent whose environment is as hostile as an image may make it."""

import hashlib
import os
import shutil
import subprocess
import tempfile

from packages import Index, broken_source, wheel
from support import AgentTest, write

# What an image may have set, and what must not hurt.
HOSTILE = {
    "PIP_TARGET": "/nowhere",
    "PIP_USER": "1",
    "PIP_PREFIX": "/nowhere",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_QUIET": "3",
    "PIP_REQUIRE_VIRTUALENV": "1",
}


class InstallTest(AgentTest):
    @classmethod
    def setUpClass(cls):
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
