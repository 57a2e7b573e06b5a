"""Where an operation's secrets could be read by others while it is under way."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from installs import InstallTest
from packages import TOKEN, Index, source, wheel
from proxies import PROXY_PASSWORD, Proxy
from support import wait_until, write


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


if __name__ == "__main__":
    unittest.main()
