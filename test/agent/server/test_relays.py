"""Relays stand in for proxies with a password, for this user's processes and nobody else's."""

import socket
import subprocess
import sys
import unittest

from proxies import PROXY_PASSWORD, Proxy
from support import AgentTest


class Relays(AgentTest):
    def setUp(self):
        super().setUp()
        self.proxy = Proxy()
        self.addCleanup(self.proxy.server_close)
        self.addCleanup(self.proxy.shutdown)

    def relayed(self, variables):
        from pf_agent.proxy_relay import relayed

        return relayed(variables)

    def test_tunnels_pass_both_ways(self):
        with self.relayed({"HTTPS_PROXY": self.proxy.url, "OTHER": self.proxy.url}) as given:
            self.assertEqual(given["OTHER"], self.proxy.url)
            self.assertNotIn(PROXY_PASSWORD, given["HTTPS_PROXY"])
            address = given["HTTPS_PROXY"][len("http://") :].split(":")
            with socket.create_connection(tuple(address)) as near, near.makefile("rb") as reader:
                near.sendall(b"CONNECT far:443 HTTP/1.1\r\nHost: far:443\r\n\r\nhello\n")
                self.assertIn(b" 200 ", reader.readline())
                self.assertEqual(reader.read().splitlines()[-1], b"HELLO")
        self.assertEqual(self.proxy.asked, ["CONNECT far:443"])
        with self.assertRaises(OSError):
            socket.create_connection(tuple(address), 1).close()

    def test_a_proxy_that_is_not_there_is_an_answer(self):
        with self.relayed({"ALL_PROXY": "http://me:pw@127.0.0.1:1"}) as given:
            with socket.create_connection(tuple(given["ALL_PROXY"][len("http://") :].split(":"))) as near:
                near.sendall(b"CONNECT far:443 HTTP/1.1\r\n\r\n")
                self.assertIn(b"502", near.recv(100))

    def test_nobody_else_is_served(self):
        code = """if True:
            import os, socket, sys
            os.setuid(12345)
            near = socket.socket()
            try:
                near.connect(("127.0.0.1", int(sys.argv[1])))
                near.sendall(b"CONNECT far:443 HTTP/1.1\\r\\n\\r\\n")
                sys.exit(len(near.recv(100)))
            except ConnectionResetError:
                sys.exit(0)
        """
        with self.relayed({"ALL_PROXY": self.proxy.url}) as given:
            port = given["ALL_PROXY"].rpartition(":")[2]
            self.assertEqual(subprocess.call([sys.executable, "-c", code, port]), 0)
        self.assertEqual(self.proxy.asked, [])

    def test_who_has_gone_already_is_not_served(self):
        code = """if True:
            import os, socket, sys
            os.setuid(12345)
            near = socket.socket()
            near.connect(("127.0.0.1", int(sys.argv[1])))
            near.sendall(b"CONNECT far:443 HTTP/1.1\\r\\n\\r\\n")
            near.close()
        """
        with self.relayed({"ALL_PROXY": self.proxy.url}) as given:
            port = given["ALL_PROXY"].rpartition(":")[2]
            for _ in range(10):
                subprocess.call([sys.executable, "-c", code, port])
            # Its turn comes after theirs.
            with socket.create_connection(("127.0.0.1", int(port))) as near:
                near.sendall(b"CONNECT mine:443 HTTP/1.1\r\n\r\nx\n")
                self.assertIn(b" 200 ", near.recv(100))
        self.assertEqual(self.proxy.asked, ["CONNECT mine:443"])

    def test_what_needs_no_password_or_is_no_proxy_of_http_stays(self):
        for value in ("http://proxy:8080", "socks5://me:pw@proxy:1080", "proxy:80", "http://["):
            with self.relayed({"HTTP_PROXY": value}) as given:
                self.assertEqual(given, {"HTTP_PROXY": value})


if __name__ == "__main__":
    unittest.main()
