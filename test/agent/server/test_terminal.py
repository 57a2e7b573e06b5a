import base64
import os
import re
import unittest

from support import AgentTest, alive, wait_until, write


class Scripts(AgentTest):
    def run_script(self, *texts):
        client = self.agent().client()
        script = client.begin("terminal", columns=80, rows=24, plain=True)
        for text in texts:
            client.send({"id": script, "input": {"base64": base64.b64encode(text.encode()).decode()}})
        client.send({"id": script, "input": {"end": True}})
        code = client.end(script)["result"]["exitCode"]
        return code, b"".join(base64.b64decode(data["base64"]) for _, data in client.events[script]).decode()

    def test_the_output_is_all_that_comes_back(self):
        self.assertEqual(self.run_script("echo one; ec", "ho two >&2\n", "[ -t 0 ] || exit 5\n"), (5, "one\ntwo\n"))

    def test_it_ends_with_its_input(self):
        self.assertEqual(self.run_script("true"), (0, ""))

    def test_no_input_is_no_script(self):
        self.assertEqual(self.run_script(), (0, ""))

    def test_its_python_is_the_sessions(self):
        code, text = self.run_script("command -v python\n")
        self.assertEqual((code, text.strip().endswith("/env/bin/python")), (0, True), text)


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


if __name__ == "__main__":
    unittest.main()
