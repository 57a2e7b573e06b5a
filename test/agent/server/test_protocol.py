import json
import os
import socket
import struct
import time
import unittest

from pools import SCRIPTED
from support import AgentTest, Client, source_with_pool, wait_until


class Protocol(AgentTest):
    def setUp(self):
        super().setUp()
        self.server = self.agent(source=source_with_pool(self.folder, SCRIPTED))

    def run_flow(self, client, **inputs):
        return client.begin("run", flowFile="/flow.dag.yaml", inputs=inputs)

    def test_ping(self):
        client = self.server.client()
        client.send({"ping": 7})
        wait_until(lambda: client.loose == [{"pong": 7}])

    def test_unknown_operation_and_wrong_arguments_are_wrong_use(self):
        client = self.server.client()
        self.assertEqual(client.error("dance")["kind"], "usage")
        self.assertEqual(client.error("keepAlive", minutes="soon")["kind"], "usage")
        self.assertEqual(client.error("keepAlive", minutes=-1)["kind"], "usage")
        self.assertEqual(client.error("settings", idleMinutes=True)["kind"], "usage")
        self.assertEqual(client.error("install", requirements=[], cwd="/")["kind"], "usage")
        self.assertEqual(client.error("run", inputs={})["kind"], "usage")
        self.assertEqual(client.error("logs", operation="start")["kind"], "usage")
        self.assertEqual(client.call("keepAlive"), {})

    def test_a_message_of_many_parts_arrives_whole_in_both_directions(self):
        client = self.server.client()
        text = 'ä"\\\n\U0001f600' * 400_000
        whole = json.dumps({"id": 900, "op": "run", "args": {"flowFile": "/f", "inputs": {"text": text}}})
        cuts = [whole[start : start + 50_000] for start in range(0, len(whole), 50_000)]
        client.events[900] = []
        for number, part in enumerate(cuts, 1):
            client.send({"id": 900, "part": part, "last": number == len(cuts)})
        result = client.end(900)["result"]
        self.assertEqual(result["echo"]["inputs"]["text"], text)
        self.assertEqual(result["odd"], "NaN")
        self.assertGreater(client.most_parts[900], 8)
        credits = [message for message in client.loose if message == {"id": 900, "credit": 1}]
        self.assertEqual(len(credits), len(cuts))

    def test_raw_json_is_passed_on_as_it_comes(self):
        client = self.server.client()
        request = self.run_flow(client, do="raw", of="0123456789" * 10, times=500_000)
        self.assertEqual(len(client.end(request)["result"]["text"]), 50_000_000)
        self.assertLess(self.server.memory(), 60)
        request = self.run_flow(client, do="raw", of="1", times=1)
        self.assertEqual(client.end(request)["result"], {"text": "1"})

    def test_a_result_that_breaks_off_is_an_error(self):
        client = self.server.client()
        request = self.run_flow(client, do="raw-breaks")
        self.assertEqual(client.end(request)["error"], {"kind": "run-crashed", "message": "It is gone."})

    def test_no_more_than_eight_parts_are_under_way(self):
        client = self.server.client(credit=False)
        request = self.run_flow(client, do="big", of="x", times=3_000_000)
        wait_until(lambda: client.most_parts.get(request) == 8)
        self.assertEqual(client.call("keepAlive"), {})
        self.assertEqual(client.most_parts[request], 8)
        client.send({"id": request, "credit": 2})
        wait_until(lambda: client.most_parts[request] == 10)

    def test_a_client_that_does_not_read_delays_nobody(self):
        slow = socket.socket(socket.AF_UNIX)
        slow.connect(self.server.socket)
        self.addCleanup(slow.close)
        for number, op in enumerate(({"op": "run", "args": {"flowFile": "/f", "inputs": {"do": "flood"}}},) * 2):
            data = json.dumps({"id": number, **op}).encode()
            slow.sendall(struct.pack(">I", len(data)) + data)
        client = self.server.client()
        wait_until(lambda: client.call("state")["activeRuns"] == 2)
        watch = client.begin("state", watch=True)
        client.await_event(watch, lambda name, state: state["activeRuns"] == 2)
        slow.close()
        client.await_event(watch, lambda name, state: state["activeRuns"] == 0)

    def test_cancel_ends_a_run_with_its_result(self):
        client = self.server.client()
        request = self.run_flow(client, do="wait")
        client.await_event(request, lambda name, data: name == "node-started")
        client.send({"id": request, "cancel": True})
        self.assertEqual(client.end(request)["result"], {"status": "Canceled"})
        client.send({"id": request, "cancel": True})
        client.send({"id": request, "input": {"base64": ""}})
        client.send({"id": 12345, "credit": 1})
        self.assertEqual(client.call("keepAlive"), {})

    def test_a_cancel_discards_a_request_that_is_not_whole(self):
        client = self.server.client()
        client.send({"id": 50, "part": '{"id": 50, "op": "dance"', "last": False})
        client.send({"id": 50, "cancel": True})
        client.events[50] = []
        client.send({"id": 50, "op": "keepAlive", "args": {}})
        self.assertEqual(client.end(50)["result"], {})

    def test_an_error_of_the_pool_is_the_requests(self):
        client = self.server.client()
        answer = client.end(self.run_flow(client, do="raise"))
        self.assertEqual(answer["error"], {"kind": "no-promptflow", "message": "There is none."})

    def test_garbage_ends_the_connection_and_says_so(self):
        nested = b"[" * 500_000
        garbage = (
            struct.pack(">I", (1 << 20) + 1),
            b"GET / HTTP/1.1\r\n\r\n",
            struct.pack(">I", 4) + b"nope",
            struct.pack(">I", 2) + b"[]",
            struct.pack(">I", 2) + b"\xff\xfe",
            struct.pack(">I", 2) + b"{}",
            struct.pack(">I", len(nested)) + nested,
            struct.pack(">I", 22) + b'{"id": 1, "part": 222}',
            struct.pack(">I", 39) + b'{"id": 1, "part": "nope", "last": true}',
        )
        for data in garbage:
            client = self.server.client()
            client.send_bytes(data)
            self.assertTrue(client.await_close(), data[:20])
            self.assertEqual([m["fatal"]["kind"] for m in client.loose if "fatal" in m], ["protocol"], data[:20])
        self.assertEqual(self.server.client().call("keepAlive"), {})

    def test_an_id_in_use_is_no_new_request(self):
        client = self.server.client()
        request = self.run_flow(client, do="wait")
        client.await_event(request, lambda name, data: name == "node-started")
        client.send({"id": request, "op": "keepAlive"})
        self.assertTrue(client.await_close())

    def test_a_client_that_vanishes_in_a_frame_takes_its_runs_along(self):
        observer, client = self.server.client(), self.server.client()
        self.run_flow(client, do="wait")
        wait_until(lambda: observer.call("state")["activeRuns"] == 1)
        client.send_bytes(struct.pack(">I", 1000) + b'{"id": 9, "op"')
        client.close()
        wait_until(lambda: observer.call("state")["activeRuns"] == 0)

    def test_fifty_clients_at_once(self):
        clients = [self.server.client() for _ in range(50)]
        requests = [(client, self.run_flow(client, number=n)) for n, client in enumerate(clients)]
        for number, (client, request) in enumerate(requests):
            self.assertEqual(client.end(request)["result"]["echo"]["inputs"], {"number": number})
        threads = len(os.listdir("/proc/%d/task" % self.server.process.pid))
        for client in clients:
            client.close()
        wait_until(lambda: len(os.listdir("/proc/%d/task" % self.server.process.pid)) < threads - 40)

    def test_a_short_exchange_is_short(self):
        client = self.server.client()
        times = []
        for _ in range(50):
            began = time.perf_counter()
            client.call("keepAlive")
            times.append(time.perf_counter() - began)
        self.assertLess(sorted(times)[25], 0.1)

    def test_what_runs_start_with(self):
        client = self.server.client()
        environment = client.end(self.run_flow(client, do="environment"))["result"]
        env_dir = self.server.config["envDir"]
        self.assertEqual(environment["PATH"].split(":")[0], os.path.join(env_dir, "bin"))
        self.assertEqual(environment["HOME"], self.server.config["home"])
        self.assertEqual(environment["VIRTUAL_ENV"], env_dir)

    def test_leaving_says_why(self):
        client = Client(self.server.socket)
        self.server.process.terminate()
        self.assertTrue(client.await_close())
        fatal = [message["fatal"] for message in client.loose if "fatal" in message]
        self.assertEqual(fatal, [{"kind": "session-lost", "message": "The session was ended from outside."}])
        client.close()


if __name__ == "__main__":
    unittest.main()
