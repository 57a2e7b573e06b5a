"""A real agent process, and a client that speaks its protocol over its real socket."""

import itertools
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(HERE))), "src", "agent")
sys.path.insert(0, SOURCE)
sys.dont_write_bytecode = True

# The Python below whatever environment the tests themselves run in: without promptflow.
PLAIN = os.path.join(sys.base_prefix, "bin", "python%d.%d" % sys.version_info[:2])
FLOW = "inputs: {}\noutputs: {}\nnodes: []\n"
# A requirement of the product is never this generous; a machine under load may be.
PATIENCE = 60


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


class Client:
    """One connection. Events of a request are collected under its id."""

    def __init__(self, path, credit=True):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(path)
        self._file = self._socket.makefile("rb")
        self._ids = itertools.count(1)
        self._news = threading.Condition()
        self._credit = credit
        self._parts = {}
        self.most_parts = {}
        self.events = {}
        self.answers = {}
        self.loose = []
        self.closed = False
        self.hello = self._read()["hello"]
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, message):
        data = json.dumps(message).encode("utf-8")
        self.send_bytes(struct.pack(">I", len(data)) + data)

    def send_bytes(self, data):
        self._socket.sendall(data)

    def begin(self, op, **args):
        """Sends a request; its id."""
        identifier = next(self._ids)
        self.events[identifier] = []
        self.send({"id": identifier, "op": op, "args": args})
        return identifier

    def end(self, identifier, timeout=PATIENCE):
        """The answer: {"result"} or {"error"}."""
        with self._news:
            self._news.wait_for(lambda: identifier in self.answers or self.closed, timeout)
            if identifier not in self.answers:
                raise AssertionError("no answer to %s; closed: %s" % (identifier, self.closed))
            return self.answers[identifier]

    def call(self, op, **args):
        """The result; an error of the agent's fails the test."""
        answer = self.end(self.begin(op, **args))
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]

    def error(self, op, **args):
        return self.end(self.begin(op, **args))["error"]

    def await_event(self, identifier, condition, timeout=PATIENCE):
        """The first event's data, of any name, for which `condition(name, data)` holds."""

        def find():
            return [data for name, data in self.events[identifier] if condition(name, data)]

        with self._news:
            self._news.wait_for(lambda: find() or self.closed or identifier in self.answers, timeout)
        found = find()
        if not found:
            raise AssertionError("no such event among %r" % self.events[identifier][-20:])
        return found[0]

    def await_close(self, timeout=PATIENCE):
        with self._news:
            return self._news.wait_for(lambda: self.closed, timeout)

    def lines(self, identifier):
        return [data["line"] for name, data in self.events[identifier] if name == "log"]

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def _read(self):
        header = self._file.read(4)
        if len(header) < 4:
            return None
        (length,) = struct.unpack(">I", header)
        assert length <= 1 << 20, length
        return json.loads(self._file.read(length))

    def _listen(self):
        try:
            for message in iter(self._read, None):
                self._take(message)
        except (OSError, ValueError):
            pass
        with self._news:
            self.closed = True
            self._news.notify_all()

    def _take(self, message):
        identifier = message.get("id")
        if "part" in message:
            parts = self._parts.setdefault(identifier, [])
            parts.append(message["part"])
            self.most_parts[identifier] = len(parts)
            if self._credit:
                self.send({"id": identifier, "credit": 1})
            if not message["last"]:
                return
            message = json.loads("".join(self._parts.pop(identifier)))
        with self._news:
            if "event" in message:
                self.events[identifier].append((message["event"], message["data"]))
            elif "result" in message or "error" in message:
                self.answers[identifier] = message
            else:
                self.loose.append(message)
            self._news.notify_all()


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
