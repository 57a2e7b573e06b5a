import os
import sys
import unittest

from pools import SCRIPTED
from support import AgentTest, source_with_pool, wait_until


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


if __name__ == "__main__":
    unittest.main()
