"""Flows of nodes that are right: inputs, links, kinds of nodes and of values."""

from build import TOOL_HEAD, case, code, dag, one, prompt, python, tool

ECHO = """
    @tool
    def n(text: str) -> str:
        return text + "!"
"""
STEP = {"step.py": tool("@tool\ndef step(text: str) -> str:\n    return text + '.'\n")}
JOIN = "@tool\ndef join(a: str, b: str) -> str:\n    return str(a) + '|' + str(b)\n"
TYPED = {"i": "int", "d": "double", "b": "bool", "l": "list", "o": "object", "s": "string"}


def chain(count):
    sources = ["inputs.text"] + ["n%d.output" % number for number in range(1, count)]
    nodes = [python("n%d" % (index + 1), "step.py", {"text": "${%s}" % ref}) for index, ref in enumerate(sources)]
    return dict({"flow.dag.yaml": dag(nodes, {"text": "string"}, {"text": "n%d.output" % count})}, **STEP)


def diamond(first="step.py"):
    nodes = [
        python("a", first, {"text": "${inputs.text}"}),
        python("b", "step.py", {"text": "${inputs.text}"}),
        python("c", "join.py", {"a": "${a.output}", "b": "${b.output}"}),
    ]
    return dict({"flow.dag.yaml": dag(nodes, {"text": "string"}, {"c": "c.output"}), "join.py": tool(JOIN)}, **STEP)


def typed():
    text = "@tool\ndef n(i: int, d: float, b: bool, l: list, o: dict, s: str):\n    return repr([i, d, b, l, o, s])\n"
    return one(text, TYPED)


def generator(consumer):
    nodes = [python("make", "make.py", {"text": "${inputs.text}"})]
    if consumer:
        nodes.append(python("use", "use.py", {"parts": "${make.output}"}))
    return {
        "flow.dag.yaml": dag(nodes, {"text": "string"}, {"out": "%s.output" % nodes[-1]["name"]}),
        "make.py": tool("@tool\ndef make(text: str):\n    for word in text.split():\n        yield word + ' '\n"),
        "use.py": tool("@tool\ndef use(parts):\n    return ''.join(parts).upper()\n"),
    }


def asynchronous():
    text = "import asyncio\n@tool\nasync def %s(text: str) -> str:\n    await asyncio.sleep(0.01)\n    return text + '%s'\n"
    nodes = [python("a", "a.py", {"text": "${inputs.text}"}), python("b", "b.py", {"text": "${a.output}"})]
    return {
        "flow.dag.yaml": dag(nodes, {"text": "string"}, {"out": "b.output"}),
        "a.py": tool(text % ("a", "1")),
        "b.py": tool(text % ("b", "2")),
    }


DATACLASS = """
    import dataclasses
    @dataclasses.dataclass
    class Point:
        x: int
        y: float
    @tool
    def n():
        return {"point": Point(1, 2.5), "many": [Point(3, 4.0)], "none": None, "big": 2 ** 70}
"""
PROVIDER = code("""
    from promptflow.core import ToolProvider, tool
    class Greeter(ToolProvider):
        def __init__(self, word: str):
            super().__init__()
            self.word = word
        @tool
        def greet(self, text: str) -> str:
            return self.word + " " + text
""")

CASES = [
    case("hello", one(ECHO, {"text": "string"}), {"text": "hi"}),
    case("defaults", one(ECHO, {"text": ("string", "from the file")})),
    case("typed", typed(), {"i": 3, "d": 1, "b": True, "l": [1, "a"], "o": {"k": None}, "s": "x"}),
    case("typed-strings", typed(), {"i": "3", "d": "1.5", "b": "false", "l": "[1, 2]", "o": '{"k": 1}', "s": "x"}),
    case("unknown-input", one(ECHO, {"text": "string"}), {"text": "hi", "other": 1}),
    case("unicode", one(ECHO, {"text": ("string", "Grüße, 世界 🌍")})),
    case("five-nodes", chain(5), {"text": "a"}),
    case("diamond", diamond(), {"text": "a"}),
    case("generator", generator(False), {"text": "one two three"}),
    case("generator-used", generator(True), {"text": "one two three"}),
    case("async", asynchronous(), {"text": "x"}),
    case("dataclass", one(DATACLASS)),
    case("nan", one("@tool\ndef n():\n    return {'a': float('nan'), 'b': [float('inf'), float('-inf')]}\n")),
    case("none-output", one("@tool\ndef n():\n    return None\n")),
    case("property", one("@tool\ndef n():\n    return {'a': {'b': [1, 2]}}\n", output="n.output.a")),
    case("many-types", one("@tool\ndef n():\n    return [1, 1.5, True, None, 'x', {'k': (1, 2)}]\n")),
    case(
        "input-as-output",
        one("@tool\ndef n(text: str):\n    return 1\n", {"text": ("string", "t")}, output="inputs.text"),
    ),
    case(
        "prompt",
        {
            "flow.dag.yaml": dag(
                [prompt("p", "p.jinja2", {"name": "${inputs.name}"})], {"name": "string"}, {"o": "p.output"}
            ),
            "p.jinja2": "Dear {{name}},\n{% for i in range(3) %}\n- {{i}}\n{% endfor %}\n",
        },
        {"name": "Ada"},
    ),
    case(
        "prompty-as-source",
        {
            "flow.dag.yaml": dag(
                [prompt("p", "p.prompty", {"name": "${inputs.name}"})], {"name": "string"}, {"o": "p.output"}
            ),
            "p.prompty": "---\nname: greeting\nmodel:\n  api: chat\n---\nsystem:\nHello {{name}}\n",
        },
        {"name": "Ada"},
    ),
    case(
        "tool-class",
        {
            "flow.dag.yaml": dag(
                [python("n", "n.py", {"word": "Moin", "text": "${inputs.text}"})], {"text": "string"}, {"o": "n.output"}
            ),
            "n.py": PROVIDER,
        },
        {"text": "Kim"},
    ),
    case(
        "siblings",
        {
            **one(
                "from parts.more import shout\nimport helper\n@tool\ndef n(text: str):\n    return shout(helper.twice(text))\n",
                {"text": "string"},
            ),
            "helper.py": "def twice(text):\n    return text * 2\n",
            "parts/__init__.py": "",
            "parts/more.py": "def shout(text):\n    return text.upper()\n",
        },
        {"text": "ab"},
    ),
    case(
        "own-file", {**one("@tool\ndef n():\n    return open('data.txt').read() + __name__\n"), "data.txt": "content"}
    ),
    case("stdin", one("import sys\n@tool\ndef n():\n    return repr(sys.stdin.read())\n")),
    case(
        "nested-literals",
        one(
            "@tool\ndef n(a: dict, b: list, c: str):\n    return [a, b, c]\n",
            given={"a": {"x": [1, {"y": "${z}"}]}, "b": [1, 2], "c": "1"},
        ),
    ),
    case(
        "prints",
        one("import sys\n@tool\ndef n():\n    print('out')\n    print('err', file=sys.stderr)\n    return 1\n"),
    ),
    case(
        "old-import",
        {
            **one(ECHO, {"text": "string"}),
            "n.py": "from promptflow import tool\n@tool\ndef n(text: str):\n    return text\n",
        },
        {"text": "x"},
    ),
    case(
        "yml",
        {"flow.dag.yml": one(ECHO, {"text": "string"})["flow.dag.yaml"], "n.py": TOOL_HEAD + code(ECHO)},
        {"text": "x"},
    ),
]
