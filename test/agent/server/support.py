"""A real agent process with folders of its own, and clients of it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

from client import PATIENCE, Client

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(HERE))), "src", "agent")
sys.path.insert(0, SOURCE)
sys.dont_write_bytecode = True

# The Python below whatever environment the tests themselves run in: without promptflow.
PLAIN = os.path.join(sys.base_prefix, "bin", "python%d.%d" % sys.version_info[:2])
FLOW = "inputs: {}\noutputs: {}\nnodes: []\n"


def wait_until(condition, timeout=PATIENCE):
    """The condition's first true value."""
    until = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError("not within %s s" % timeout)
        time.sleep(0.02)


class Agent:
    """One agent process with folders of its own; `config` changes what its config file says."""

    def __init__(self, folder, source=SOURCE, python=None, environment=None, **config):
        self.folder = folder
        self.flow = os.path.join(folder, "flow")
        self.socket = os.path.join(folder, "run", "agent.sock")
        self.config_path = os.path.join(folder, "config.json")
        self.environment = environment
        self.source = source
        self.python = python or PLAIN
        os.makedirs(self.flow, exist_ok=True)
        write(os.path.join(self.flow, "flow.dag.yaml"), FLOW)
        self.config = {
            "sessionId": "0123456789abcdef",
            "version": "0.1.0",
            "flow": {"folder": self.flow, "file": os.path.join(self.flow, "flow.dag.yaml"), "hostFolder": self.flow},
            "environmentHash": "e" * 64,
            "idleMinutes": 60,
            "size": {"cpus": 2, "memoryBytes": 4294967296},
            "socket": self.socket,
            "runtimeDir": os.path.join(folder, "run"),
            "envDir": os.path.join(folder, "env"),
            "home": os.path.join(folder, "home"),
            "runsDir": os.path.join(folder, "home", "runs"),
            "environment": {},
            "parentExit": "process",
            **config,
        }
        self.socket = self.config["socket"]
        write(self.config_path, json.dumps(self.config))
        self.clients = []
        self.process = None
        self.line = None

    def start(self):
        self.process = self.spawn()
        self.line = self.process.stdout.readline().decode("utf-8")
        if not self.line:
            raise AssertionError("no hello: %s" % self.errors())
        return self

    def spawn(self):
        base = {"PATH": os.environ.get("PATH", os.defpath), "USER": "tester", "LC_ALL": "C.UTF-8"}
        with open(os.path.join(self.folder, "agent.log"), "ab") as log:
            return subprocess.Popen(
                [self.python, "-S", "-E", os.path.join(self.source, "main.py"), self.config_path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**base, **(self.environment or {})},
            )

    @property
    def hello(self):
        return json.loads(self.line[len("pf-session-agent ") :])

    def client(self, **options):
        client = Client(self.socket, **options)
        self.clients.append(client)
        return client

    def errors(self):
        with open(os.path.join(self.folder, "agent.log"), encoding="utf-8") as file:
            return file.read()

    def stop(self):
        for client in self.clients:
            client.close()
        if self.process:
            if self.process.poll() is None:
                self.process.terminate()
            self.process.wait(PATIENCE)
            self.process.stdout.close()

    def memory(self):
        """Resident, in MiB."""
        with open("/proc/%d/status" % self.process.pid) as file:
            line = next(line for line in file if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


class AgentTest(unittest.TestCase):
    """Tests with a folder of their own; agents made by `agent()` end with them."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="pfa-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def agent(self, **options):
        agent = Agent(options.pop("folder", self.folder), **options).start()
        self.addCleanup(agent.stop)
        return agent


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def source_with_pool(folder, text):
    """The agent's source with another runner pool, to see what the server does with what a pool may do."""
    copy = os.path.join(folder, "agent")
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    write(os.path.join(copy, "pf_agent", "runner_pool.py"), text)
    return copy
