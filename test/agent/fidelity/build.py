"""Small words to write flows with: each becomes a folder of files."""

import json
import textwrap

TOOL_HEAD = "from promptflow.core import tool\n"


def case(name, files, inputs=None, **more):
    """A flow and how to run it. `more`: node, variant, environment, connections, flow (file or folder to name)."""
    return dict({"name": name, "files": files, "inputs": inputs or {}}, **more)


def dag(nodes, inputs=None, outputs=None, **more):
    """Text of a flow.dag.yaml. `inputs`: {name: (type, default) or type}, `outputs`: {name: reference}."""
    data = dict(more)
    data["inputs"] = {name: _definition(value) for name, value in (inputs or {}).items()}
    data["outputs"] = {name: {"type": "string", "reference": "${%s}" % ref} for name, ref in (outputs or {}).items()}
    data["nodes"] = nodes
    return to_yaml(data)


def _definition(value):
    if isinstance(value, dict):
        return value
    return {"type": value} if isinstance(value, str) else {"type": value[0], "default": value[1]}


def python(name, path, inputs=None, **more):
    return dict(
        {"name": name, "type": "python", "source": {"type": "code", "path": path}, "inputs": inputs or {}}, **more
    )


def prompt(name, path, inputs=None, **more):
    return dict(python(name, path, inputs, **more), type="prompt")


def tool(text):
    """A file with a tool in it: `text` without its import."""
    return TOOL_HEAD + textwrap.dedent(text)


def code(text):
    return textwrap.dedent(text).lstrip("\n")


def to_yaml(value, indent=0):
    """Block YAML of plain data; scalars as JSON, which is YAML."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        lines = []
        for key, item in value.items():
            nested = isinstance(item, (dict, list)) and item
            lines.append("%s%s:%s" % (pad, key, "\n" + to_yaml(item, indent + 1) if nested else " " + to_yaml(item)))
        return "\n".join(lines)
    if isinstance(value, list) and value:
        return "\n".join("%s- %s" % (pad, to_yaml(item, indent + 1).lstrip()) for item in value)
    return json.dumps(value, ensure_ascii=False)


def one(text, inputs=None, given=None, output="n.output", **more):
    """The files of a flow with a single Python node `n`, its inputs those of the flow."""
    wired = {key: "${inputs.%s}" % key for key in (inputs or {})}
    wired.update(given or {})
    return {
        "flow.dag.yaml": dag([python("n", "n.py", wired)], inputs, {"out": output}, **more),
        "n.py": tool(text),
    }
