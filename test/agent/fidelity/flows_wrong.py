"""Flows that are wrong or fail: in the tool, in the flow file, in what is asked of them."""

from build import case, code, dag, one, prompt, python, tool
from flows_plain import ECHO, JOIN, STEP, asynchronous, diamond, typed

RAISES = "@tool\ndef n(text: str):\n    number = 1\n    raise ValueError('no: ' + text)\n"
IN_LIBRARY = "import json\n@tool\ndef n(text: str):\n    return json.loads(text)\n"
CUSTOM = "class Odd(Exception):\n    pass\n@tool\ndef n():\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise Odd('odd', 2) from e\n"
TEXT = {"text": "string"}


def failing_aside():
    files = diamond("bad.py")
    return {
        **files,
        "bad.py": tool("@tool\ndef bad(text: str):\n    import time; time.sleep(0.5)\n    raise KeyError('k')\n"),
    }


def prompt_only(text):
    return {"flow.dag.yaml": dag([prompt("p", "p.jinja2", {"a": "x"})], {}, {"o": "p.output"}), "p.jinja2": text}


def linked(inputs, output="a.output", extra=()):
    nodes = [python("a", "step.py", inputs), *extra]
    return dict({"flow.dag.yaml": dag(nodes, {"text": ("string", "t")}, {"o": output})}, **STEP)


def bare(text):
    return {"flow.dag.yaml": text, **STEP}


CASES = [
    case("raises", one(RAISES, TEXT), {"text": "x"}),
    case("raises-in-library", one(IN_LIBRARY, TEXT), {"text": "{"}),
    case("raises-own-class", one(CUSTOM)),
    case(
        "raises-in-helper",
        {
            **one("from helper import go\n@tool\ndef n():\n    return go()\n"),
            "helper.py": "def go():\n    return [][1]\n",
        },
    ),
    case("raises-without-text", one("@tool\ndef n():\n    raise RuntimeError()\n")),
    case("raises-base", one("@tool\ndef n():\n    assert 1 == 2\n")),
    case(
        "async-raises",
        {**asynchronous(), "b.py": tool("@tool\nasync def b(text: str):\n    return text.nope\n")},
        {"text": "x"},
    ),
    case("one-of-two-fails", failing_aside(), {"text": "a"}),
    case("input-missing", one(ECHO, TEXT)),
    case("inputs-missing", typed(), {"i": 1}),
    case("int-wrong", typed(), {"i": "abc", "d": 1, "b": True, "l": [], "o": {}, "s": "x"}),
    case("list-wrong", typed(), {"i": 1, "d": 1, "b": True, "l": "no list", "o": {}, "s": "x"}),
    case("object-wrong", typed(), {"i": 1, "d": 1, "b": True, "l": [], "o": "{", "s": "x"}),
    case("type-unknown", one(ECHO, {"text": "text"}), {"text": "x"}),
    case("syntax-error", one("@tool\ndef n(:\n    return 1\n")),
    case("module-missing", one("import no_such_module\n@tool\ndef n():\n    return 1\n")),
    case("raises-on-import", one("value = {}['k']\n@tool\ndef n():\n    return 1\n")),
    case("no-tool", {**one(""), "n.py": "def n():\n    return 1\n"}),
    case("two-tools", one("@tool\ndef n():\n    return 1\n@tool\ndef m():\n    return 2\n")),
    case("tool-input-missing", one("@tool\ndef n(a: str, b: str):\n    return a\n", {"a": ("string", "t")})),
    case("tool-input-unknown", one("@tool\ndef n():\n    return 1\n", {"a": ("string", "t")})),
    case("literal-wrong", one("@tool\ndef n(i: int):\n    return i\n", given={"i": "abc"})),
    case("source-missing", {"flow.dag.yaml": one(ECHO, TEXT)["flow.dag.yaml"]}, {"text": "x"}),
    case("object-output", one("@tool\ndef n():\n    return object\n")),
    case("set-output", one("@tool\ndef n():\n    return {1}\n")),
    case("jinja-syntax", prompt_only("one\n{% if %}\n")),
    case("jinja-undefined", prompt_only("one\n{{ nothing.at.all }}\n")),
    case(
        "jinja-reserved",
        {"flow.dag.yaml": dag([prompt("p", "p.j2", {})], {}, {"o": "p.output"}), "p.j2": "{{template}}"},
    ),
    case("node-reference-unknown", linked({"text": "${b.output}"})),
    case("input-reference-unknown", linked({"text": "${inputs.nope}"})),
    case("output-reference-unknown", linked({"text": "x"}, "b.output")),
    case("output-property-unknown", linked({"text": "x"}, "a.output.nope")),
    case("circle", linked({"text": "${b.output}"}, extra=[python("b", "step.py", {"text": "${a.output}"})])),
    case("same-name-twice", linked({"text": "x"}, extra=[python("a", "step.py", {"text": "y"})])),
    case("no-nodes", bare("inputs: {}\noutputs: {}\n")),
    case("empty-nodes", bare("inputs: {}\noutputs: {}\nnodes: []\n")),
    case("broken-yaml", bare("inputs:\n  a: [1\nnodes: []\n")),
    case("tabs-in-yaml", bare("inputs:\n\ta: 1\n")),
    case(
        "node-type-unknown",
        bare("nodes:\n- name: a\n  type: pyton\n  source: {type: code, path: step.py}\n  inputs: {text: x}\n"),
    ),
    case("node-nameless", bare("nodes:\n- type: python\n  source: {type: code, path: step.py}\n")),
    case("both-kinds", {**one(ECHO, TEXT), "flow.flex.yaml": "entry: n:n\n"}, {"text": "x"}, flow=""),
    case("no-flow", {"readme.txt": "nothing"}, flow=""),
    case("file-missing", {"readme.txt": "nothing"}, flow="flow.dag.yaml"),
    case(
        "package-tool-unknown",
        bare(
            code("""
        nodes:
        - name: a
          type: python
          source: {type: package, tool: no.such.tool}
          inputs: {}
    """)
        ),
    ),
    case(
        "cause-chain",
        {**one("@tool\ndef n():\n    raise OSError('disk') from ValueError('inner')\n"), "join.py": tool(JOIN)},
    ),
]
