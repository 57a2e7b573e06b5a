"""All else that flows can be: activation, aggregation, variants, includes, environment, images, flex, single nodes."""

import base64
import struct
import zlib

from build import case, code, dag, one, prompt, python, to_yaml, tool
from flows_plain import ECHO, STEP

TEXT = {"text": "string"}


def png():
    """A picture of one pixel, as base64."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")


IMAGE = base64.b64encode(png()).decode()


def activated():
    when = {"when": "${inputs.text}", "is": "go"}
    nodes = [
        python("a", "step.py", {"text": "${inputs.text}"}, activate=when),
        python("b", "step.py", {"text": "${a.output}"}),
        python("c", "any.py", {"a": "${a.output}", "b": "${inputs.text}"}),
    ]
    any_of = tool("@tool\ndef any_of(a, b):\n    return a or b\n")
    return dict({"flow.dag.yaml": dag(nodes, TEXT, {"o": "c.output"}), "any.py": any_of}, **STEP)


def aggregating(body):
    nodes = [
        python("a", "step.py", {"text": "${inputs.text}"}),
        python("sum", "sum.py", {"values": "${a.output}", "texts": "${inputs.text}"}, aggregation=True),
    ]
    head = "from promptflow.core import log_metric\n"
    files = {"flow.dag.yaml": dag(nodes, TEXT, {"o": "a.output"}), "sum.py": tool(head + body)}
    return dict(files, **STEP)


AVERAGE = "@tool\ndef sum(values: list, texts: list):\n    log_metric('count', len(values))\n    log_metric('share', 0.5)\n    return values\n"


def variants():
    def node(word):
        return {"node": {k: v for k, v in python("x", "say.py", {"word": word}).items() if k != "name"}}

    data = {
        "inputs": {},
        "outputs": {"o": {"type": "string", "reference": "${say.output}"}},
        "nodes": [{"name": "say", "use_variants": True}],
        "node_variants": {"say": {"default_variant_id": "v0", "variants": {"v0": node("zero"), "v1": node("one")}}},
    }
    return {"flow.dag.yaml": to_yaml(data), "say.py": tool("@tool\ndef say(word: str):\n    return word\n")}


def including(includes, body="return text + '?'", folder="flow/"):
    nodes = [python("n", "shared.py", {"text": "${inputs.text}"})]
    return {
        folder + "flow.dag.yaml": dag(nodes, TEXT, {"o": "n.output"}, additional_includes=includes),
        "lib/shared.py": tool("@tool\ndef n(text: str):\n    %s\n" % body),
        "lib/words/list.txt": "a b c",
    }


READ_ENVIRONMENT = "import os\n@tool\ndef n():\n    return [os.environ.get(k) for k in ('PF_A', 'PF_B', 'PF_C')]\n"
ENVIRONMENT = {"environment_variables": {"PF_A": "from the file", "PF_B": 3, "PF_C": {"x": [1]}}}
CONNECTION = {"type": "CustomConnection", "module": "promptflow.connections", "secret_keys": ["key"]}
KEYS = {"mine": dict(CONNECTION, value={"key": "very-secret-value", "url": "http://u"})}
USE_CONNECTION = code("""
    from promptflow.connections import CustomConnection
    from promptflow.core import tool
    @tool
    def n(c: CustomConnection):
        return [c.url, c.secrets["key"][:4], type(c).__name__]
""")


def connected(name="mine"):
    return {"flow.dag.yaml": dag([python("n", "n.py", {"c": name})], {}, {"o": "n.output"}), "n.py": USE_CONNECTION}


def two_nodes():
    nodes = [
        python("make", "make.py", {"text": "${inputs.text}"}),
        python("use", "use.py", {"a": "${make.output}", "b": "${make.output.k}", "c": "${inputs.text}", "d": "lit"}),
    ]
    return {
        "flow.dag.yaml": dag(nodes, {"text": ("string", "t")}, {"o": "use.output"}),
        "make.py": tool("@tool\ndef make(text: str):\n    return {'k': text}\n"),
        "use.py": tool("@tool\ndef use(a: dict, b: str, c: str, d: str):\n    return [a, b, c, d]\n"),
    }


def flex(body, entry="hello:hello", **more):
    return {"flow.flex.yaml": to_yaml(dict({"entry": entry}, **more)), "hello.py": code(body)}


GREET = "def hello(name: str, times: int = 2) -> str:\n    return 'hi ' * times + name\n"
GREETER = """
    class Greeter:
        def __init__(self, word: str = "Moin"):
            self.word = word
        def __call__(self, name: str) -> dict:
            return {"text": self.word + " " + name}
        def __aggregate__(self, lines: list) -> dict:
            return {"count": len(lines)}
"""
DATACLASS = """
    from dataclasses import dataclass
    @dataclass
    class Answer:
        text: str
        score: float
    def hello(name: str) -> Answer:
        return Answer(name, 0.5)
"""
IMAGE_TOOL = "from promptflow.contracts.multimedia import Image\n@tool\ndef n(image: Image):\n    return {'image': image, 'size': len(bytes(image))}\n"
CHAT = {
    "question": {"type": "string", "is_chat_input": True},
    "chat_history": {"type": "list", "is_chat_history": True},
}


def chat():
    text = tool(
        "@tool\ndef n(question: str, chat_history: list):\n    yield question\n    yield str(len(chat_history))\n"
    )
    nodes = [python("n", "n.py", {"question": "${inputs.question}", "chat_history": "${inputs.chat_history}"})]
    data = dag(nodes, CHAT, {"answer": "n.output"}).replace('${n.output}"', '${n.output}"\n    is_chat_output: true')
    return {"flow.dag.yaml": data, "n.py": text}


CASES = [
    case("activated", activated(), {"text": "go"}),
    case("bypassed", activated(), {"text": "stop"}),
    case("metrics", aggregating(AVERAGE), {"text": "a"}),
    case(
        "aggregation-raises",
        aggregating("@tool\ndef sum(values: list, texts: list):\n    return values[9]\n"),
        {"text": "a"},
    ),
    case("variant-default", variants()),
    case("variant-chosen", variants(), variant={"node": "say", "variant": "v1"}),
    case("variant-unknown", variants(), variant={"node": "say", "variant": "v9"}),
    case("variant-of-unknown-node", variants(), variant={"node": "nobody", "variant": "v1"}),
    case("include-file", including(["../lib/shared.py"]), {"text": "a"}, flow="flow"),
    case(
        "include-folder",
        including(["../lib/shared.py", "../lib/words"], "return open('words/list.txt').read()"),
        {"text": "a"},
        flow="flow",
    ),
    case("include-missing", including(["../lib/nothing.py"]), {"text": "a"}, flow="flow"),
    case("include-raises", including(["../lib/shared.py"], "raise ValueError(text)"), {"text": "a"}, flow="flow"),
    case(
        "include-zip",
        including(
            ["../lib/shared.py", "../lib/words.zip"],
            "import zipfile; return zipfile.ZipFile('words.zip').namelist()[1:]",
        ),
        {"text": "a"},
        flow="flow",
    ),
    case("environment", one(READ_ENVIRONMENT, **ENVIRONMENT)),
    case("environment-over", one(READ_ENVIRONMENT, **ENVIRONMENT), environment={"PF_A": "given", "PF_Z": "z"}),
    case(
        "environment-connection", one(READ_ENVIRONMENT, environment_variables={"PF_A": "${mine.url}"}), connections=KEYS
    ),
    case("connection", connected(), connections=KEYS),
    case("connection-missing", connected("other"), connections=KEYS),
    case("node-alone", two_nodes(), {"make.output": {"k": "v"}, "make.output.k": "w", "text": "x"}, node="use"),
    case("node-by-input-name", two_nodes(), {"a": {"k": "v"}, "b": "w", "c": "given", "d": "other"}, node="use"),
    case("node-first", two_nodes(), node="make"),
    case("node-missing-inputs", two_nodes(), {"text": "x"}, node="use"),
    case("node-unknown", two_nodes(), node="nobody"),
    case("node-raises", one("@tool\ndef n():\n    return 1 / 0\n"), node="n"),
    case("node-variant", variants(), node="say"),
    case("flex-function", flex(GREET), {"name": "Ada"}),
    case("flex-times", flex(GREET), {"name": "Ada", "times": 3}),
    case("flex-missing", flex(GREET)),
    case("flex-wrong-type", flex(GREET), {"name": "Ada", "times": "many"}),
    case("flex-unknown-input", flex(GREET), {"name": "Ada", "nme": "x"}),
    case("flex-class", flex(GREETER, "hello:Greeter"), {"name": "Ada"}),
    case("flex-sample", flex(GREETER, "hello:Greeter", sample={"init": {"word": "Yo"}, "inputs": {"name": "Kim"}})),
    case("flex-init-missing", flex(GREETER.replace(' = "Moin"', ""), "hello:Greeter"), {"name": "Ada"}),
    case(
        "flex-init-raises",
        flex(GREETER.replace("self.word = word", "raise OSError('no')"), "hello:Greeter"),
        {"name": "Ada"},
    ),
    case("flex-dataclass", flex(DATACLASS), {"name": "Ada"}),
    case("flex-dict", flex("def hello(name: str):\n    return {'a': name, 'b': [1, None]}\n"), {"name": "Ada"}),
    case("flex-async", flex("async def hello(name: str):\n    return name\n"), {"name": "Ada"}),
    case("flex-generator", flex("def hello(name: str):\n    yield name\n    yield '!'\n"), {"name": "Ada"}),
    case("flex-raises", flex("def hello(name: str):\n    return name + 1\n"), {"name": "Ada"}),
    case("flex-unknown-key", flex(GREET, surprise=1), {"name": "Ada"}),
    case("flex-entry-wrong", flex(GREET, "hello"), {"name": "Ada"}),
    case("flex-entry-unknown", flex(GREET, "hello:nobody"), {"name": "Ada"}),
    case("flex-module-unknown", flex(GREET, "nowhere:hello"), {"name": "Ada"}),
    case("flex-signature-wrong", flex(GREET, inputs={"other": {"type": "string"}}), {"name": "Ada"}),
    case("flex-syntax-error", flex("def hello(name:\n"), {"name": "Ada"}),
    case("flex-import-raises", flex("import no_such_module\n" + GREET), {"name": "Ada"}),
    case(
        "flex-environment",
        flex("import os\ndef hello():\n    return os.environ['PF_A']\n", environment_variables={"PF_A": "a"}),
    ),
    case("image", one(IMAGE_TOOL, {"image": "image"}), {"image": {"data:image/png;base64": IMAGE}}),
    case("image-wrong", one(IMAGE_TOOL, {"image": "image"}), {"image": {"data:image/png;path": "nothing.png"}}),
    case("chat", chat(), {"question": "how"}),
    case(
        "prompt-image",
        {
            "flow.dag.yaml": dag([prompt("p", "p.j2", {"t": "${inputs.text}"})], TEXT, {"o": "p.output"}),
            "p.j2": "# user:\n{{t}}",
        },
        {"text": "# system:\nx"},
    ),
    case("Ordner mit Leerzeichen und ü", one(ECHO, TEXT), {"text": "ä"}),
]
