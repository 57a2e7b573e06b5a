"""Flows that ask a model: a stand-in on this machine answers as the service would."""

import http.server
import json
import threading
import unittest

import support
from support import build

PROMPTY = """---
name: asking
model:
  api: chat
  configuration:
    type: azure_openai
    azure_deployment: gpt
    connection: %s
  parameters:
    max_tokens: 9
inputs:
  question:
    type: string
sample:
  question: from the sample
---
system:
Be brief.
user:
{{question}}
"""


class Model(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])).decode())
        said = "answer to " + asked["messages"][-1]["content"]
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}
        usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
        answer = {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt",
            "choices": [choice],
            "usage": usage,
        }
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Models(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        value = {"api_key": "a-secret-key", "api_base": "http://127.0.0.1:%d" % cls.server.server_port}
        value.update(api_type="azure", api_version="2024-02-01")
        cls.connections = {
            "mine": {"type": "AzureOpenAIConnection", "module": "promptflow.connections", "value": value}
        }

    def test_model_node(self):
        node = build.prompt("ask", "ask.jinja2", {"deployment_name": "gpt", "q": "${inputs.q}"})
        node.update(type="llm", api="chat", connection="mine", provider="AzureOpenAI")
        dag = build.dag([node], {"q": "string"}, {"a": "ask.output"})
        flow = support.write({"flow.dag.yaml": dag, "ask.jinja2": "# system:\nBe brief.\n\n# user:\n{{q}}\n"})
        run = support.run(flow, {"q": "why"}, connections=self.connections)
        self.assertEqual((run["error"], run["output"]), (None, {"a": "answer to why"}))

    def test_prompty(self):
        flow = support.write({"flow.prompty": PROMPTY % "mine"})
        run = support.run(flow, {"question": "why"}, connections=self.connections)
        self.assertEqual((run["error"], run["output"]), (None, {"output": "answer to why"}))
        run = support.run(flow, connections=self.connections)
        self.assertEqual(run["output"], {"output": "answer to from the sample"})

    def test_connection_of_a_prompty_that_is_not_there(self):
        run = support.run(support.write({"flow.prompty": PROMPTY % "other"}), connections=self.connections)
        self.assertEqual(run["status"], "Failed")
        self.assertIn("Connection 'other' is not found.", run["error"]["message"])
