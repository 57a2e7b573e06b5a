"""One flow's two answers side by side: `differences` is empty when a session gives what `pf flow test` gives."""

import json
import math
import re

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
TEMPORARY = re.compile(r"/tmp/tmp[0-9a-z_]+(/[^'\"\s]*)?")
FOLDERS = re.compile(r"(\.promptflow/|detail/)?(intermediate|output)/")


def differences(answer, run, folder):
    """What differs, as lines of text. `answer` is pf's, `run` the session's, `folder` the flow's."""
    found = []

    def same(what, theirs, ours):
        theirs, ours = plain(theirs, folder), plain(ours, folder)
        if theirs != ours:
            found.append("%s: pf %s\n      session %s" % (what, shown(theirs), shown(ours)))

    same("error", theirs_error(answer), ours_error(run, answer))
    detail = answer["detail"] or {"flow_runs": [], "node_runs": []}
    flows, nodes = detail["flow_runs"], detail["node_runs"]
    if flows or nodes:
        whole = (flows or nodes)[0]
        same("output", whole["output"], run["output"])
        same("inputs", whole["inputs"] or {}, run["inputs"])
        same("metrics", whole["metrics"] or {}, run["metrics"])
        same("status", whole["status"], run["status"])
        place(whole, run["error"], folder, same)
    same("nodes", sorted(node["node"] for node in nodes), sorted(node["name"] for node in run["nodes"]))
    by_name = {node["name"]: node for node in run["nodes"]}
    for node in nodes:
        ours = by_name.get(node["node"])
        if ours:
            same(node["node"] + " status", node["status"], ours["status"])
            same(node["node"] + " output", node["output"], ours["output"])
            message = node["error"] and node["error"]["message"]
            same(node["node"] + " error", message, ours["error"] and ours["error"]["message"])
            place(node, ours["error"], folder, same)
    return found


def theirs_error(answer):
    error = answer["error"]
    return error and [error["type"], error["message"]]


def ours_error(run, answer):
    """A run that failed while running is for `pf` a UserErrorException that says "class: message"."""
    error = run["error"]
    if not error:
        return None
    if answer["detail"] is not None:
        return ["UserErrorException", "%s: %s" % (error["type"], error["message"])]
    return [error["type"], error["message"]]


def place(theirs, ours, folder, same):
    """File and line, where pf names one of the flow's own: else it names a library's, and we know better."""
    for extra in (theirs["error"] or {}).get("additionalInfo") or ():
        info = extra["info"]
        if isinstance(info, dict) and str(info.get("filename", "")).startswith(folder):
            same("place", [info["filename"], info["lineno"]], [ours["file"], ours["line"]])


def plain(value, folder):
    """Without what differs between any two runs, and NaN as JavaScript can read it."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {plain(key, folder): plain(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, folder) for item in value]
    if isinstance(value, str):
        value = ADDRESS.sub("ADDRESS", UUID.sub("UUID", value))
        value = TEMPORARY.sub(lambda found: folder + (found.group(1) or ""), value)
        return FOLDERS.sub("IMAGES", value)
    return value


def shown(value):
    return json.dumps(value, ensure_ascii=False)[:600]
