import base64
import os
import re
import subprocess
import sys
import unittest

from pools import SCRIPTED
from support import PLAIN, SOURCE, AgentTest, Client, alive, source_with_pool, wait_until, write


class State(AgentTest):
    def test_all_of_it(self):
        agent = self.agent()
        client = agent.client()
        state = wait_until(lambda: [s for s in [client.call("state")] if s["runner"] == "absent"])[0]
        self.assertAlmostEqual(state["idle"].pop("remainingSeconds"), 3600, delta=60)
        expected = {
            "python": {
                "version": "%d.%d.%d" % sys.version_info[:3],
                "executable": os.path.join(agent.config["envDir"], "bin", "python"),
            },
            "promptflow": None,
            "environmentHash": "e" * 64,
            "idle": {"minutes": 60},
            "size": {"cpus": 2, "memoryBytes": 4294967296},
            "requirements": {"state": "none", "file": None, "hash": None, "error": None},
            "operation": None,
            "activeRuns": 0,
            "activeTerminals": 0,
            "runner": "absent",
        }
        self.assertEqual(state, expected)

    def test_a_watcher_gets_changes_of_other_clients_and_the_state_at_its_end(self):
        agent = self.agent()
        watcher, other = agent.client(), agent.client()
        watch = watcher.begin("state", watch=True)
        watcher.await_event(watch, lambda name, state: name == "state" and state["idle"]["minutes"] == 60)
        other.call("settings", idleMinutes=7)
        watcher.await_event(watch, lambda name, state: state["idle"]["minutes"] == 7)
        watcher.send({"id": watch, "cancel": True})
        self.assertEqual(watcher.end(watch)["result"]["idle"]["minutes"], 7)

    def test_many_changes_are_few_events(self):
        agent = self.agent()
        watcher, other = agent.client(), agent.client()
        wait_until(lambda: other.call("state")["runner"] == "absent")
        watch = watcher.begin("state", watch=True)
        watcher.await_event(watch, lambda name, state: True)
        for minutes in range(100, 300):
            other.call("settings", idleMinutes=minutes)
        watcher.await_event(watch, lambda name, state: state["idle"]["minutes"] == 299)
        self.assertLess(len(watcher.events[watch]), 100)


class Runs(AgentTest):
    def test_without_promptflow_it_says_so(self):
        client = self.agent().client()
        error = client.error("run", flowFile="/f", inputs={}, environment={}, connections={}, network={})
        self.assertEqual(error["kind"], "no-promptflow")


class Logs(AgentTest):
    def setUp(self):
        super().setUp()
        self.server = self.agent(source=source_with_pool(self.folder, SCRIPTED))

    def say(self, client, text, **more):
        return client.call("run", flowFile="/flow.dag.yaml", inputs={"do": "log", "text": text}, **more)

    def read(self, client, **args):
        request = client.begin("logs", **args)
        client.end(request)
        return "".join(data["text"] for _, data in client.events[request])

    def test_what_runs_said_is_kept_in_order_also_by_the_next_agent(self):
        client = self.server.client()
        for text in ("one\n", "two ü\n"):
            self.say(client, text)
        self.assertRegex(self.read(client, follow=False), r"(?s)flow\.dag\.yaml\n.*one\n.*flow\.dag\.yaml\n.*two ü\n")
        self.assertEqual(self.read(client, operation="install", follow=False), "")
        self.server.stop()
        again = self.agent(source=os.path.join(self.folder, "agent")).client()
        self.assertIn("two ü\n", self.read(again, operation="run", follow=False))

    def test_following_ends_by_cancel(self):
        client, other = self.server.client(), self.server.client()
        follow = client.begin("logs", operation="run", follow=True)
        for number in range(20):
            self.say(other, "line %d\n" % number)
        client.await_event(follow, lambda name, data: data == {"operation": "run", "text": "line 19\n"})
        said = [data["text"] for _, data in client.events[follow] if data["text"].startswith("line")]
        self.assertEqual(said, ["line %d\n" % number for number in range(20)])
        client.send({"id": follow, "cancel": True})
        self.assertEqual(client.end(follow)["result"], {})

    def test_secrets_of_a_run_are_not_kept(self):
        client = self.server.client()
        connection = {"type": "CustomConnection", "value": {"api_key": "sk-12345", "pw": "hush-hush", "base": "open"}}
        connection["secret_keys"] = ["pw"]
        given = {"environment": {"MY_TOKEN": "t0ps3cret"}, "network": {"HTTPS_PROXY": "http://me:pr0xypw@proxy:80"}}
        text = "sk-12345 hush-hush t0ps3cret open http://me:pr0xypw@proxy:80\n"
        self.say(client, text, connections={"c": connection}, **given)
        self.assertIn("**** **** **** open http://****@proxy:80\n", self.read(client, follow=False))
        for folder, _, names in os.walk(os.path.join(self.folder, "home")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(b"t0ps3cret", file.read())


class JournalFile(AgentTest):
    def test_it_keeps_the_newest_and_no_more_than_its_limit(self):
        import threading

        from pf_agent.cancel import Cancel
        from pf_agent.journal import Journal

        journal = Journal(self.folder, 20_000)
        cancel, heard = Cancel(), []

        def listen():
            heard.extend(text for _, text in journal.follow(None, True, cancel))

        listener = threading.Thread(target=listen)
        listener.start()
        for number in range(3000):
            journal.write("run", "%06d" % number)
        journal.write("install", "x" * 100_000)
        size = sum(os.path.getsize(os.path.join(self.folder, name)) for name in os.listdir(self.folder))
        kept = [text for _, text in journal.follow("run", False, Cancel())]
        self.assertLessEqual(size, 20_000 + 2 * 33_000)
        self.assertEqual(kept, sorted(kept))
        journal.write("run", "end")
        wait_until(lambda: heard and heard[-1] == "end")
        cancel.set()
        listener.join()
        journal.close()
        self.assertEqual([t for t in heard if t.isdigit()], sorted({t for t in heard if t.isdigit()}))


class Terminals(AgentTest):
    def open(self, client, columns=80, rows=24):
        return client.begin("terminal", columns=columns, rows=rows)

    def type(self, client, terminal, text):
        client.send({"id": terminal, "input": {"base64": base64.b64encode(text.encode()).decode()}})

    def shown(self, client, terminal):
        data = [base64.b64decode(data["base64"]) for _, data in client.events[terminal]]
        return b"".join(data).decode("utf-8", "replace")

    def await_shown(self, client, terminal, pattern):
        return wait_until(lambda: re.search(pattern, self.shown(client, terminal)))

    def test_a_shell_in_the_flow_folder_with_the_sessions_python(self):
        agent = self.agent(environment={"SHELL": "/bin/bash"})
        write(os.path.join(self.folder, "home", ".bashrc"), "PATH=/usr/bin:/bin:$PATH\nMINE=yes\n")
        client = agent.client()
        terminal = self.open(client)
        self.type(client, terminal, 'tty; pwd; echo "p=$(command -v python) mine=$MINE"\n')
        self.await_shown(client, terminal, re.escape(agent.flow))
        self.await_shown(client, terminal, "p=%s/bin/python mine=yes" % re.escape(agent.config["envDir"]))
        self.await_shown(client, terminal, r"/dev/pts/\d+")
        self.assertEqual(client.call("state")["activeTerminals"], 1)
        self.type(client, terminal, "exit 3\n")
        self.assertEqual(client.end(terminal)["result"], {"exitCode": 3})
        self.assertEqual(client.call("state")["activeTerminals"], 0)

    def test_size_interrupt_and_a_plain_shell(self):
        agent = self.agent(environment={"SHELL": "/bin/sh"})
        client = agent.client()
        terminal = self.open(client, 100, 30)
        self.type(client, terminal, "stty size\n")
        self.await_shown(client, terminal, r"\b30 100\r?\n")
        client.send({"id": terminal, "input": {"columns": 120, "rows": 40}})
        self.type(client, terminal, "stty size\n")
        self.await_shown(client, terminal, r"\b40 120\r?\n")
        self.type(client, terminal, "sleep 1000; echo ended $?\n")
        wait_until(lambda: self.below(agent, b"sleep\x001000"))
        self.type(client, terminal, "\x03")
        self.type(client, terminal, "kill -9 $$\n")
        self.assertEqual(client.end(terminal)["result"], {"exitCode": 137})

    def test_much_output_and_input_get_through(self):
        client = self.agent(environment={"SHELL": "/bin/sh"}).client()
        terminal = self.open(client)
        self.type(client, terminal, "stty -echo; PS1=; head -c 3000000 /dev/zero | tr '\\0' x; echo done-$((1+1))\n")
        self.await_shown(client, terminal, "done-2")
        self.assertGreaterEqual(self.shown(client, terminal).count("x"), 3_000_000)
        for _ in range(500):
            self.type(client, terminal, "echo %s\n" % ("Q" * 1000))
        self.type(client, terminal, "echo done-$((1+2))\n")
        self.await_shown(client, terminal, "done-3")
        self.assertEqual(self.shown(client, terminal).count("Q"), 500_000)

    def test_a_client_that_goes_hangs_up(self):
        agent = self.agent(environment={"SHELL": "/bin/bash"})
        client, observer = agent.client(), agent.client()
        terminal = self.open(client)
        self.type(client, terminal, "trap '' HUP TERM; sleep 1234\n")
        pids = wait_until(lambda: self.below(agent, b"sleep\x001234"))
        client.close()
        wait_until(lambda: observer.call("state")["activeTerminals"] == 0)
        wait_until(lambda: not [pid for pid in pids if alive(pid)])

    def test_cancel_ends_it(self):
        client = self.agent(environment={"SHELL": "/bin/sh"}).client()
        terminal = self.open(client)
        self.await_shown(client, terminal, r"[$#] ")
        client.send({"id": terminal, "cancel": True})
        self.assertEqual(client.end(terminal)["error"]["kind"], "cancelled")

    def test_zsh_keeps_the_persons_settings_and_the_path(self):
        from pf_agent import shells

        shell = write(os.path.join(self.folder, "zsh"), "#!/bin/sh\n", 0o755)
        given = {"SHELL": shell, "HOME": "/h", "PATH": "/layer/bin:/bin"}
        argv, environment = shells.command(given, os.path.join(self.folder, "scratch"))
        self.assertEqual(argv, [shell, "-i"])
        with open(os.path.join(environment["ZDOTDIR"], ".zshrc")) as file:
            text = file.read()
        self.assertIn("ZDOTDIR=/h\n", text)
        self.assertIn("export PATH=/layer/bin:$PATH\n", text)

    def below(self, agent, argument):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as file:
                    line = file.read()
                with open("/proc/%s/environ" % pid, "rb") as file:
                    ours = agent.config["envDir"].encode() in file.read()
            except OSError:
                continue
            if ours and argument in line:
                found.append(int(pid))
        return found


class Bridge(AgentTest):
    def bridge(self, path):
        argv = [PLAIN, "-S", "-E", os.path.join(SOURCE, "bridge.py"), path]
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_it_joins_both_directions_whatever_the_size(self):
        import threading

        agent = self.agent(source=source_with_pool(self.folder, SCRIPTED))
        path = os.path.join(self.folder, "joined.sock")
        import socket

        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(path)
        listener.listen(1)
        process = self.bridge(agent.socket)
        self.addCleanup(process.stderr.close)

        def join():
            sock, _ = listener.accept()
            with sock, process.stdout, sock.makefile("rb") as incoming:
                threading.Thread(target=copy, args=(process.stdout.read1, sock.sendall), daemon=True).start()
                copy(incoming.read1, lambda data: (process.stdin.write(data), process.stdin.flush()))
                process.stdin.close()
                process.wait(30)

        thread = threading.Thread(target=join)
        thread.start()
        client = Client(path)
        text = "z" * 700_000
        request = client.begin("run", flowFile="/f", inputs={"do": "big", "of": text, "times": 10})
        self.assertEqual(client.end(request)["result"]["text"], text * 10)
        client.close()
        thread.join(30)
        self.assertEqual(process.returncode, 0)

    def test_its_end_follows_either_side(self):
        agent = self.agent()
        process = self.bridge(agent.socket)
        process.stdout.read(4)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)
        process = self.bridge(agent.socket)
        process.stdout.read(4)
        agent.process.terminate()
        process.wait(30)
        process.communicate()

    def test_without_an_agent_it_says_so(self):
        process = self.bridge(os.path.join(self.folder, "nothing.sock"))
        _, errors = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"does not answer", errors)


def copy(read, write_all):
    try:
        for data in iter(lambda: read(65536), b""):
            write_all(data)
    except (OSError, ValueError):
        pass


if __name__ == "__main__":
    unittest.main()
