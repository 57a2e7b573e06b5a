import os
import shutil
import time
import unittest

from pools import SCRIPTED
from support import PLAIN, AgentTest, source_with_pool, wait_until

# isort: split
from pf_agent.errors import AgentError
from pf_agent.idle import GRACE, Idle


class Clock:
    """Seconds that pass when told; `sleep` as a computer does it, `pause` as a virtual machine."""

    def __init__(self):
        self.now = 1000.0
        self.boot = 1000.0
        self.wall = 1.7e9

    def awake(self):
        return self.now

    def others(self):
        return [self.boot, self.wall]

    def go(self, seconds):
        self.now += seconds
        self.boot += seconds
        self.wall += seconds

    def sleep(self, seconds):
        self.boot += seconds
        self.wall += seconds

    def pause(self, seconds):
        self.wall += seconds


class Countdown(unittest.TestCase):
    def setUp(self):
        self.clock = Clock()
        self.changes = 0
        self.idle = Idle(60, self.changed, self.clock)

    def changed(self):
        self.changes += 1

    def go(self, seconds):
        """As the watch sees it: with a look every ten seconds."""
        for _ in range(int(seconds // 10)):
            self.clock.go(10)
            self.idle.check()
        self.clock.go(seconds % 10)
        return self.idle.check()

    def test_it_counts_down_to_zero(self):
        self.assertEqual(self.idle.remaining(), 3600)
        self.assertEqual(self.go(3599), 1)
        self.assertEqual(self.go(5), 0)

    def test_after_zero_nothing_begins(self):
        self.go(3600)
        with self.assertRaises(AgentError) as caught, self.idle.hold():
            self.fail("held")
        self.assertEqual(caught.exception.kind, "session-lost")

    def test_while_held_nothing_counts(self):
        with self.idle.hold():
            with self.idle.hold():
                self.assertIsNone(self.go(7200))
            self.assertIsNone(self.go(7200))
        self.assertEqual(self.go(600), 3000)

    def test_a_touch_starts_anew(self):
        self.go(3000)
        self.idle.touch()
        self.assertEqual(self.go(600), 3000)
        self.assertEqual(self.changes, 0)

    def test_keep_holds_off_for_so_long(self):
        self.go(3000)
        self.idle.keep()
        self.assertEqual(self.idle.remaining(), 3600)
        self.idle.keep(10)
        self.assertEqual(self.idle.remaining(), 4200)
        self.idle.touch()
        self.assertEqual(self.idle.remaining(), 4200)
        self.assertEqual(self.changes, 2)

    def test_zero_minutes_are_never(self):
        self.idle.set_minutes(0)
        self.assertIsNone(self.go(1_000_000))
        self.idle.set_minutes(1)
        self.assertEqual(self.go(59), 1)

    def test_a_shorter_time_does_not_end_at_once(self):
        self.go(3000)
        self.idle.set_minutes(5)
        self.assertEqual(self.idle.remaining(), 300)

    def test_sleep_does_not_count(self):
        self.go(600)
        self.clock.sleep(100_000)
        self.assertEqual(self.go(10), 2990)

    def test_after_a_wake_up_five_minutes_remain(self):
        for fall_asleep in (self.clock.sleep, self.clock.pause):
            self.idle.touch()
            self.go(3590)
            fall_asleep(100_000)
            self.clock.go(1)
            self.assertEqual(self.idle.check(), GRACE)
            self.assertEqual(self.go(100), GRACE - 100)

    def test_a_frozen_process_has_five_minutes_too(self):
        self.clock.go(100_000)
        self.assertEqual(self.idle.check(), GRACE)

    def test_a_clock_that_is_set_back_changes_nothing(self):
        self.clock.pause(-100_000)
        self.assertEqual(self.go(600), 3000)


class Session(AgentTest):
    # Seconds; the agents below are given this for idle time.
    SHORT = 2.4

    def short(self, **options):
        return self.agent(idleMinutes=self.SHORT / 60, **options)

    def test_an_idle_agent_leaves_and_takes_its_folder_along(self):
        own = os.path.join(self.folder, "own")
        os.makedirs(own)
        agent = self.short(ownFolder=own)
        client = agent.client()
        began = time.monotonic()
        self.assertGreater(client.call("state")["idle"]["remainingSeconds"], 0)
        self.assertEqual(agent.process.wait(60), 0)
        self.assertGreater(time.monotonic() - began, self.SHORT - 0.5)
        self.assertTrue(client.await_close())
        self.assertEqual(client.loose[-1]["fatal"], {"kind": "session-lost", "message": "Idle for 0.04 minutes."})
        self.assertFalse(os.path.exists(own) or os.path.exists(agent.config["runtimeDir"]))

    def test_a_run_holds_it_and_a_mere_client_does_not(self):
        agent = self.short(source=source_with_pool(self.folder, SCRIPTED))
        client, runner = agent.client(), agent.client()
        runner.begin("run", flowFile="/f", inputs={"do": "wait"})
        wait_until(lambda: client.call("state")["activeRuns"])
        time.sleep(self.SHORT * 1.5)
        self.assertIsNone(client.call("state")["idle"]["remainingSeconds"])
        runner.close()
        self.assertEqual(agent.process.wait(60), 0)

    def test_keep_alive_and_settings(self):
        agent = self.short()
        client = agent.client()
        client.call("keepAlive", minutes=10)
        self.assertGreater(client.call("state")["idle"]["remainingSeconds"], 500)
        client.call("settings", idleMinutes=0, size={"cpus": 1, "memoryBytes": 1 << 30})
        state = client.call("state")
        self.assertEqual(state["idle"], {"minutes": 0, "remainingSeconds": None})
        self.assertEqual(state["size"], {"cpus": 1, "memoryBytes": 1 << 30})
        client.call("settings", idleMinutes=self.SHORT / 60)
        client.call("keepAlive")
        self.assertEqual(agent.process.wait(60), 0)

    def test_a_program_in_a_terminal_holds_it_and_a_prompt_does_not(self):
        agent = self.short(environment={"SHELL": "/bin/sh"})
        client = agent.client()
        terminal = client.begin("terminal", columns=80, rows=24)
        command = "%s -c 'import time; time.sleep(%s)'\n" % (PLAIN, self.SHORT * 2)
        import base64

        client.send({"id": terminal, "input": {"base64": base64.b64encode(command.encode()).decode()}})
        began = time.monotonic()
        self.assertEqual(agent.process.wait(60), 0)
        self.assertGreater(time.monotonic() - began, self.SHORT * 2)


class Leaving(AgentTest):
    def test_shutdown_answers_and_leaves_nothing(self):
        own = os.path.join(self.folder, "own")
        os.makedirs(own)
        agent = self.agent(ownFolder=own)
        client, other = agent.client(), agent.client()
        self.assertEqual(client.call("shutdown"), {})
        self.assertEqual(agent.process.wait(60), 0)
        self.assertTrue(other.await_close())
        self.assertEqual(other.loose[-1]["fatal"]["message"], "The session was stopped.")
        self.assertFalse(os.path.exists(own) or os.path.exists(agent.socket))

    def test_a_signal_ends_it_within_a_second_and_leaves_the_folder(self):
        own = os.path.join(self.folder, "own")
        os.makedirs(own)
        agent = self.agent(source=source_with_pool(self.folder, SCRIPTED), ownFolder=own)
        client = agent.client()
        run = client.begin("run", flowFile="/f", inputs={"do": "wait"})
        client.await_event(run, lambda name, data: name == "node-started")
        began = time.monotonic()
        agent.process.terminate()
        self.assertEqual(agent.process.wait(60), 0)
        self.assertLess(time.monotonic() - began, 3)
        self.assertEqual(client.end(run)["result"], {"status": "Canceled"})
        self.assertTrue(os.path.exists(own))

    def test_a_session_that_was_taken_away_ends_and_removes_nothing(self):
        for taken in ("config_path", "socket"):
            own = os.path.join(self.folder, taken, "own")
            os.makedirs(own)
            agent = self.agent(folder=os.path.join(self.folder, taken), ownFolder=own)
            os.unlink(getattr(agent, taken))
            self.assertEqual(agent.process.wait(60), 0)
            self.assertTrue(os.path.exists(own))

    def test_a_session_whose_place_another_took_leaves_it_to_that_one(self):
        agent = self.agent()
        os.rename(agent.config_path, agent.config_path + ".old")
        shutil.copy(agent.config_path + ".old", agent.config_path)
        other = self.agent()
        self.assertEqual(agent.process.wait(60), 0)
        self.assertEqual(other.client().call("keepAlive"), {})


if __name__ == "__main__":
    unittest.main()
