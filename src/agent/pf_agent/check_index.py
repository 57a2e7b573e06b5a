"""The checkIndex operation: does the index that pip uses answer from inside the session?"""

import os
import re
import shutil
import time

from pf_agent.credentials import Scrubber
from pf_agent.errors import cancelled
from pf_agent.install_job import missing_pip
from pf_agent.pip_command import PipEnvironment, find_pip
from pf_agent.pip_problem import problem_of
from pf_agent.process import Process

# Small, pure Python, and on every index that mirrors the public one.
_PACKAGE = "six"


class _NoRequirements:
    """Nothing that a problem could be placed in."""

    def find(self, _pattern):
        return None, None

    def original(self, text):
        return text

    def absolute(self, shown):
        return shown


def check_index(request, session):
    """{"ok", "message"}."""
    session.layer.await_made(request.cancel)
    pip = find_pip(session.layer)
    if pip is None:
        return {"ok": False, "message": missing_pip(session.layer)["message"]}
    folder = os.path.join(session.config["runtimeDir"], "index-%d" % time.monotonic_ns())
    os.mkdir(folder, 0o700)
    try:
        given = request.environment()
        environment = PipEnvironment(pip.version, session.environment(), given, [], folder)
        scrub = Scrubber(environment.credentials.secrets, given)
        lines = []
        argv = pip.probe(_PACKAGE, os.path.join(folder, "packages"))
        code = Process(argv, folder, environment.variables, lambda text: lines.append(scrub(text))).wait(request.cancel)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if request.cancel.is_set():
        raise cancelled()
    return verdict(code, lines)


def verdict(code, lines):
    named = re.search(r"Looking in indexes: (.+)", "\n".join(lines))
    index = named.group(1) if named else "The public package index"
    if code == 0:
        return {"ok": True, "message": "%s answers." % index}
    problem = problem_of(lines, _NoRequirements())
    if problem["kind"] in ("not-found", "no-version"):
        return {"ok": True, "message": "%s answers; it has no package %s." % (index, _PACKAGE)}
    return {"ok": False, "message": problem["message"]}
