"""The checkIndex operation: does the index that pip uses answer from inside the session?"""

import os
import re
import shutil
import time

from pf_agent.credentials import Scrubber
from pf_agent.errors import cancelled
from pf_agent.install_job import missing_pip
from pf_agent.pip_command import PipEnvironment, find_pip
from pf_agent.pip_problem import unreached
from pf_agent.process import Process
from pf_agent.proxy_relay import relayed

# Small, pure Python, and on every index that mirrors the public one.
_PACKAGE = "six"


def check_index(request, session):
    """{"ok", "message"}."""
    session.layer.await_made(request.cancel)
    pip = find_pip(session.layer)
    if pip is None:
        return {"ok": False, "message": missing_pip(session.layer)["message"]}
    folder = os.path.join(session.config["runtimeDir"], "index-%d" % time.monotonic_ns())
    os.mkdir(folder, 0o700)
    try:
        with relayed(request.environment()) as given:
            code, lines = ask(pip, session.environment(), given, folder, request.cancel)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if request.cancel.is_set():
        raise cancelled()
    return verdict(code, lines)


def ask(pip, session, given, folder, cancel):
    """(exit code of pip, what it said)."""
    environment = PipEnvironment(pip.version, session, given, [], folder)
    scrub = Scrubber(environment.credentials.secrets, given)
    lines = []
    argv = environment.guard(pip).probe(os.path.join(folder, "packages"), _PACKAGE)
    code = Process(argv, folder, environment.variables, lambda text: lines.append(scrub(text))).wait(cancel)
    return code, lines


def verdict(code, lines):
    named = re.search(r"Looking in indexes: (.+)", "\n".join(lines))
    index = named.group(1) if named else "The public package index"
    if code == 0:
        return {"ok": True, "message": "%s answers." % index}
    reached = unreached(lines)
    if reached:
        return {"ok": False, "message": reached["message"]}
    if any("No matching distribution" in line for line in lines):
        return {"ok": True, "message": "%s answers; it has no package %s." % (index, _PACKAGE)}
    said = next((line for line in lines if line.startswith("ERROR: ")), "ERROR: it said nothing.")
    return {"ok": False, "message": "pip failed: %s" % said[len("ERROR: ") :][:500]}
