"""Where an operation's secrets could be read by others while it is under way."""

import base64
import http.server
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

from installs import InstallTest
from packages import TOKEN, Index, source, wheel
from support import AgentTest, wait_until, write

PROXY_PASSWORD = "pr0xyPassw0rd"


def seen(*secrets):
    """[(process, where)] of all processes of this machine on whose command line or in whose environment one stands."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        for place in ("cmdline", "environ"):
            try:
                with open("/proc/%s/%s" % (number, place), "rb") as file:
                    text = file.read()
            except OSError:
                continue
            found += [(number, place) for secret in secrets if secret.encode() in text]
    return found


class Proxy(http.server.ThreadingHTTPServer):
    """Wants a password; fetches over HTTP and opens tunnels. `asked`: what it was asked for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked = []
        self.url = "http://me:%s@127.0.0.1:%d" % (PROXY_PASSWORD, self.server_port)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Asked(http.server.BaseHTTPRequestHandler):
    def allowed(self):
        wanted = "Basic " + base64.b64encode(("me:" + PROXY_PASSWORD).encode()).decode()
        if self.headers.get("Proxy-Authorization") != wanted:
            self.send_error(407)
            return False
        self.server.asked.append("%s %s" % (self.command, self.path))
        return True

    def do_GET(self):
        if not self.allowed():
            return
        host, _, path = self.path[len("http://") :].partition("/")
        with socket.create_connection(tuple(host.split(":"))) as far:
            far.sendall(("GET /%s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, host)).encode())
            while True:
                piece = far.recv(65536)
                if not piece:
                    break
                self.wfile.write(piece)
        self.close_connection = True

    def do_CONNECT(self):
        if self.allowed():
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.rfile.readline().upper())
            self.close_connection = True

    def log_message(self, *_):
        pass


class WhilePipRuns(InstallTest):
    def setUp(self):
        super().setUp()
        self.feed = tempfile.mkdtemp(prefix="pfa-feed-")
        self.addCleanup(shutil.rmtree, self.feed)
        self.addCleanup(shutil.rmtree, self.feed + ".made", True)
        self.private = Index(self.feed)
        self.addCleanup(self.private.close)

    def held_install(self, text, **more):
        """Begins an install, and gives what could be seen once it waits for the index."""
        agent = self.agent()
        client = agent.client()
        request = client.begin("install", **self.request(agent, text, **more))
        self.assertTrue(self.private.reached.wait(60), client.events.get(request))
        with subprocess.Popen([sys.executable, "-c", "input()", TOKEN], stdin=subprocess.PIPE) as canary:
            wait_until(lambda: seen(TOKEN))
            self.assertEqual(seen(TOKEN), [(str(canary.pid), "cmdline")])
            canary.communicate(b"\n")
        self.private.released.set()
        report = client.end(request)["result"]
        self.assertEqual(report["status"], "ok", report)
        self.assertFalse([line for line in client.lines(request) if TOKEN in line])
        self.assertFalse([name for name in os.listdir(agent.config["runtimeDir"]) if name.startswith("install")])
        return report

    def test_a_token_reaches_the_pip_of_build_requirements_by_no_argument(self):
        wheel(self.feed, "helper")
        source(self.feed, "inner", build_requires=["helper"])
        source(self.feed, "built", build_requires=["inner"])
        self.private.held = "files/helper"
        # Two credentials of one host, and one without a user: netrc can hold neither.
        host = self.private.host
        text = "-i %s\n--extra-index-url http://%sX@%s/open/simple\nbuilt\n" % (
            self.private.private_with_token,
            TOKEN,
            host,
        )
        report = self.held_install(text)
        self.assertEqual([change["name"] for change in report["changed"]], ["built"])

    def test_a_token_of_the_environment_neither(self):
        wheel(self.feed, "helper")
        source(self.feed, "built", build_requires=["helper"])
        self.private.held = "files/helper"
        self.agent_network = {"PIP_INDEX_URL": self.private.private_with_token}
        self.agent_network["PIP_EXTRA_INDEX_URL"] = "http://%s@%s/open/simple" % (TOKEN, self.private.host)
        self.held_install("built\n", environment=self.agent_network)

    def test_a_token_reaches_git_by_no_argument(self):
        tree = os.path.join(self.feed, "tree")
        for name, text in source(self.feed, "fromgit").items():
            write(os.path.join(tree, name), text)
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"], ["update-server-info"]):
            subprocess.check_call([*git, *command], cwd=tree)
        os.rename(os.path.join(tree, ".git"), os.path.join(self.feed, "repo.git"))
        self.private.held = "repo.git/info/refs"
        url = self.private.private_with_token.replace("/simple", "/repo.git")
        report = self.held_install("fromgit @ git+%s\n" % url)
        self.assertEqual([change["name"] for change in report["changed"]], ["fromgit"])

    def test_an_editable_repository_with_a_token_is_installed_again(self):
        tree = os.path.join(self.feed, "tree")
        for name, text in source(self.feed, "editable").items():
            write(os.path.join(tree, name), text)
        backend = os.path.join(tree, "backend.py")
        with open(backend, "a") as file:
            file.write("build_editable = build_wheel\n")
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"]
        subprocess.check_call([*git, "init", "-q"], cwd=tree)
        agent = self.agent()
        url = self.private.private_with_token.replace("/simple", "/tree/.git")
        for turn in range(2):
            with open(backend, "a") as file:
                file.write("# %d\n" % turn)
            for command in (["add", "."], ["commit", "-q", "-m", "x"], ["update-server-info"]):
                subprocess.check_call([*git, *command], cwd=tree)
            report = self.install(agent, "-e git+%s#egg=editable\n" % url)
            self.assertEqual(report["status"], "ok", report)


class BehindAProxy(InstallTest):
    def test_an_install_goes_through_it_and_no_process_is_told_its_password(self):
        proxy = Proxy()
        self.addCleanup(proxy.server_close)
        self.addCleanup(proxy.shutdown)
        feed = tempfile.mkdtemp(prefix="pfa-feed-")
        self.addCleanup(shutil.rmtree, feed)
        wheel(feed, "behind")
        index = Index(feed)
        self.addCleanup(index.close)
        index.held = "files/behind"
        agent = self.agent()
        client = agent.client()
        given = {"PIP_INDEX_URL": index.url, "HTTP_PROXY": proxy.url, "http_proxy": proxy.url, "NO_PROXY": ""}
        request = client.begin("install", **self.request(agent, "behind\n", environment={**given, "no_proxy": ""}))
        self.assertTrue(index.reached.wait(60), client.events.get(request))
        self.assertEqual(seen(PROXY_PASSWORD), [])
        index.released.set()
        report = client.end(request)["result"]
        self.assertEqual([change["name"] for change in report["changed"]], ["behind"], report)
        self.assertTrue([asked for asked in proxy.asked if asked.endswith("-py3-none-any.whl")], proxy.asked)


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
