"""One install: pip called, heard and reported."""

import json
import os
import re
import shlex
import shutil
import threading
import time

from pf_agent import distributions, packages
from pf_agent.cancel import Cancel
from pf_agent.credentials import Scrubber
from pf_agent.errors import AgentError, cancelled, describe
from pf_agent.pip_command import DRY_RUN_SINCE, PipEnvironment, find_pip, write_private
from pf_agent.pip_problem import problem, problem_of, unreached
from pf_agent.process import Process
from pf_agent.requirements import Requirements

_PHASES = (
    ("install", "Installing collected packages"),
    ("build", "Building wheel"),
    ("download", "Downloading "),
    ("resolve", "Collecting "),
)
_CONFLICT = re.compile(r"^\S+ \S+ (?:requires|has requirement) .+?(?:incompatible|not installed|but you .*?have .+)")
# Of one install, kept for classifying it.
_MOST_LINES = 50_000


class InstallJob:
    """Runs in a thread of its own; any number of requests follow it."""

    def __init__(self, args, session, dry_run):
        self.hash = args.get("hash")
        self.dry_run = dry_run
        # Whether the State tells of it: the flow's own requirements, and not tried only.
        self.recorded = not dry_run and args.get("record") is not False
        self.what = self.what_of(args, dry_run)
        self.cancel = Cancel()
        self.followers = 0
        self.changed = False
        self.outdated = False
        self.report = None
        self.error = None
        self.requirements = None
        self.args = args
        self._session = session
        self._events = []
        # Of the first of them: those that every follower has had are let go.
        self._start = 0
        self._positions = {}
        self._lines = []
        self._phase = None
        self._over = False
        self._news = threading.Condition()

    @staticmethod
    def what_of(args, dry_run):
        """Equal for requests that want the same."""
        return args.get("hash"), dry_run, args.get("record") is not False

    def run(self, cwd, given):
        """To its end, whatever that is."""
        folder = os.path.join(self._session.config["runtimeDir"], "install-%d-%d" % (os.getpid(), time.monotonic_ns()))
        os.mkdir(folder, 0o700)
        try:
            self.report = self._install(cwd, given, folder)
        except Exception as error:
            self.error = error if isinstance(error, AgentError) else AgentError(**describe(error))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self):
        """Tells the followers that it is over."""
        with self._news:
            self._over = True
            self._news.notify_all()

    def position(self):
        """Of the next event."""
        return self._start + len(self._events)

    def follow(self, request, position):
        """Passes the events from a position on to a request; False when it was cancelled before the end."""
        off = request.cancel.on_set(self._wake)
        try:
            while True:
                fresh = self._await_events(position, request.cancel)
                if not fresh:
                    return self._over
                for name, data in fresh:
                    request.event(name, data)
                position += len(fresh)
                self._let_go(request, position)
        finally:
            off()
            self._let_go(request, None)

    def _let_go(self, request, position):
        with self._news:
            if position is None:
                self._positions.pop(request, None)
            else:
                self._positions[request] = position
            done = min(self._positions.values(), default=self._start) - self._start
            if len(self._positions) == self.followers and done > 0:
                del self._events[:done]
                self._start += done

    def _await_events(self, position, cancel):
        with self._news:
            self._news.wait_for(lambda: self._over or self.position() > position or cancel.is_set())
            return [] if cancel.is_set() else self._events[position - self._start :]

    def await_end(self):
        with self._news:
            self._news.wait_for(lambda: self._over)

    def _wake(self):
        with self._news:
            self._news.notify_all()

    def _tell(self, name, data):
        with self._news:
            self._events.append((name, data))
            self._news.notify_all()

    def _hear(self, text):
        text = self.requirements.original(self._scrub(text))
        if len(self._lines) < _MOST_LINES:
            self._lines.append(text)
        phase = next((name for name, start in _PHASES if text.lstrip().startswith(start)), None)
        if phase and phase != self._phase:
            self._phase = phase
            self._tell("phase", {"name": phase})
        self._session.journal.write("install", text)
        self._tell("log", {"line": text})

    def _install(self, cwd, given, folder):
        layer = self._session.layer
        began = time.monotonic()
        pip = find_pip(layer)
        texts = [text for text in (self.args.get("files") or {}).values() if isinstance(text, str)]
        version = pip.version if pip else (0,)
        environment = PipEnvironment(version, self._session.environment(), given, texts, folder)
        self._scrub = Scrubber(environment.credentials.secrets, given)
        self.requirements = Requirements(self.args, cwd, folder, environment.strip)
        report = self._blank(cwd)
        report["problem"] = missing_pip(layer) if pip is None else old_pip(version) if self.dry_run else None
        if not report["problem"]:
            self._call(environment.guard(pip), report, environment.variables, folder)
        report["status"] = "failed" if report["problem"] else "ok"
        report["durationMs"] = round((time.monotonic() - began) * 1000)
        return report

    def _blank(self, cwd):
        tried = "--dry-run " if self.dry_run else ""
        command = "pip install %s-r %s" % (tried, shlex.quote(self.requirements.shown))
        return {"command": command, "cwd": cwd, "changed": [], "conflicts": [], "problem": None}

    def _call(self, pip, report, variables, folder):
        layer = self._session.layer
        plan = os.path.join(folder, "plan.json") if self.dry_run else None
        before = layer.visible()
        self._session.journal.write("install", "$ " + report["command"])
        argv = pip.install(self.requirements.argument, plan)
        code = Process(argv, report["cwd"], variables, self._hear).wait(self.cancel)
        after = layer.visible()
        self.changed = distributions.rewritten(before, after)
        self.outdated = distributions.outdated(before, after)
        if self.cancel.is_set():
            raise cancelled()
        if code != 0:
            report["problem"] = self._problem(pip, variables, folder)
        if self.dry_run:
            report["changed"] = planned(plan, before)
            report["conflicts"] = packages.conflicts(layer, variables, report["changed"])
        else:
            report["changed"] = distributions.differences(before, after)
            report["conflicts"] = [line.strip() for line in self._lines if _CONFLICT.match(clean(line))]

    def _problem(self, pip, variables, folder):
        found = problem_of(self._lines, self.requirements)
        if found["kind"] != "not-found":
            return found
        wanted = os.path.join(folder, "wanted.txt")
        write_private(wanted, "\n".join([*self.requirements.options(), *found["packages"]]) + "\n")
        lines = []
        argv = pip.probe(os.path.join(folder, "probe"), "-r", wanted)
        Process(argv, folder, variables, lambda text: lines.append(self._scrub(text))).wait(self.cancel)
        return {**found, **(unreached(lines) or {})}


def clean(line):
    return re.sub(r"^(?:ERROR|WARNING): ", "", line.strip())


def planned(path, before):
    """PackageChange objects of a dry run's plan; [] when pip failed and wrote none."""
    try:
        with open(path, encoding="utf-8") as file:
            items = json.load(file)["install"]
    except (OSError, ValueError, KeyError):
        return []
    changes = []
    for item in items:
        name, version = item["metadata"]["name"], item["metadata"]["version"]
        present = before.get(distributions.normalised(name))
        if not present or present.version != version:
            changes.append({"name": name, "from": present.version if present else None, "to": version})
    return sorted(changes, key=lambda change: distributions.normalised(change["name"]))


def missing_pip(layer):
    message = "The Python of this session (%s) has no pip." % layer.base.executable
    return problem("other", [], message, "Use an image, or a Python, that has pip or ensurepip")


def old_pip(version):
    if version >= DRY_RUN_SINCE:
        return None
    have = ".".join(map(str, version))
    message = "pip %s cannot try an install out; pip %d.%d is the first that can." % (have, *DRY_RUN_SINCE)
    return problem("other", ["pip"], message, "Install without a dry run, or upgrade pip in the session")
