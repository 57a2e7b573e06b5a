import os
import subprocess
import unittest

from pools import SCRIPTED
from support import PLAIN, SOURCE, AgentTest, Client, source_with_pool


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
