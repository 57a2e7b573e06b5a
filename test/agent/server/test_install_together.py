import os
import unittest

from installs import InstallTest
from support import alive, wait_until


class Together(InstallTest):
    def setUp(self):
        super().setUp()
        self.index.released.clear()
        self.addCleanup(self.index.released.set)
        self.server = self.agent(network={"PIP_INDEX_URL": self.index.slow})

    def begin(self, client, text="alpha\n", **more):
        request = client.begin("install", **self.request(self.server, text, **more))
        wait_until(lambda: client.call("state")["operation"])
        return request

    def pips(self):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as file:
                    if self.server.config["envDir"].encode() + b"/bin/python\0-m\0pip" in file.read():
                        found.append(int(pid))
            except OSError:
                continue
        return found

    def test_the_same_install_is_joined_and_another_is_busy(self):
        first, second, third = self.server.client(), self.server.client(), self.server.client()
        request = self.begin(first)
        joined = second.begin("install", **self.request(self.server, "alpha\n"))
        self.assertEqual(first.call("state")["operation"]["kind"], "install")
        self.assertIsNone(first.call("state")["idle"]["remainingSeconds"])
        wait_until(lambda: first.lines(request) and self.pips())
        busy = third.error("install", **self.request(self.server, "beta\n", name="other.txt"))
        self.assertEqual(busy["kind"], "session-busy")
        dry = third.error("install", **self.request(self.server, "alpha\n", dryRun=True))
        self.assertEqual(dry["kind"], "session-busy")
        self.assertEqual(len(self.pips()), 1)
        self.index.released.set()
        reports = [first.end(request)["result"], second.end(joined)["result"]]
        self.assertEqual(reports[0], reports[1])
        self.assertEqual(reports[0]["changed"], [{"name": "alpha", "from": None, "to": "2.0"}])
        self.assertTrue(second.lines(joined))

    def test_one_of_two_may_go(self):
        first, second = self.server.client(), self.server.client()
        self.begin(first)
        joined = second.begin("install", **self.request(self.server, "alpha\n"))
        self.assertEqual(second.call("keepAlive"), {})
        first.close()
        self.index.released.set()
        self.assertEqual(second.end(joined)["result"]["status"], "ok")

    def test_cancel_ends_pip(self):
        client = self.server.client()
        request = self.begin(client)
        pips = wait_until(self.pips)
        client.send({"id": request, "cancel": True})
        self.assertEqual(client.end(request)["error"]["kind"], "cancelled")
        self.assertFalse([pid for pid in pips if alive(pid)])
        state = client.call("state")
        self.assertEqual((state["operation"], state["requirements"]["state"]), (None, "none"))
        self.index.released.set()
        self.assertEqual(self.install(self.server, "alpha\n", client)["status"], "ok")

    def test_the_last_client_that_goes_takes_pip_along(self):
        client, observer = self.server.client(), self.server.client()
        self.begin(client)
        pips = wait_until(self.pips)
        client.close()
        wait_until(lambda: observer.call("state")["operation"] is None)
        self.assertFalse([pid for pid in pips if alive(pid)])

    def test_shutdown_ends_pip(self):
        client = self.server.client()
        self.begin(client)
        pips = wait_until(self.pips)
        self.server.client().call("shutdown")
        self.server.process.wait(30)
        wait_until(lambda: not [pid for pid in pips if alive(pid)])

    def test_an_agent_killed_in_an_install_says_so_afterwards(self):
        self.begin(self.server.client())
        pips = wait_until(self.pips)
        self.server.process.kill()
        self.server.process.wait()
        for pid in pips:
            os.kill(pid, 9)
        again = self.agent(network={"PIP_INDEX_URL": self.index.url})
        requirements = again.client().call("state")["requirements"]
        self.assertEqual((requirements["state"], requirements["hash"]), ("unchecked", None))


if __name__ == "__main__":
    unittest.main()
