"""Runs flows for the agent: keeps a parent with promptflow loaded and one child of it ready for the next run."""

import os
import shutil
import sys
import threading
import time
import uuid

from pf_agent.errors import AgentError
from pf_agent.runner_parent import Parent
from pf_agent.runner_run import Running
from pf_agent.runner_warm import Warm

SPARE_AFTER_SECONDS = 0.15
KEPT_RUN_FOLDERS = 20
TRIES = 3


class RunnerError(AgentError):
    """A run that could not be made at all; one that fails is a Run."""


class RunnerPool:
    """`environment` is what the parent, and so every run, starts with. `log(line)` takes the agent's own log lines."""

    def __init__(self, *, python, environment, runtime_dir, home, runs_dir, log, on_change, strategy=None):
        self._python = python
        self._environment = dict(environment)
        self._runtime_dir = runtime_dir
        self._runs_dir = runs_dir
        self._log = log
        self._on_change = on_change
        self._strategy = strategy or ("spawn" if sys.platform == "darwin" else "fork")
        self._lock = threading.Lock()
        self._parent = None
        self._parents = []
        self._begun = 0
        self._status = "loading"
        self._active = 0
        self._why = "it ended at once"
        self._stopped = False
        self._settled = threading.Condition(self._lock)
        self._warm = Warm(self._strategy, self.replace, log)
        self._environment.setdefault("HOME", home)
        self._environment.setdefault("PF_HOME_DIRECTORY", os.path.join(runtime_dir, "promptflow"))
        self._environment["PF_TRACING_SKIP_LOCAL_SETUP"] = "true"
        self._environment["PATH"] = os.path.dirname(python) + os.pathsep + self._environment.get("PATH", os.defpath)

    @property
    def status(self):
        return self._status

    @property
    def active_runs(self):
        return self._active

    def processes(self):
        """Process ids of parents and children, for those who measure."""
        with self._lock:
            parents = list(self._parents)
        return [pid for parent in parents for pid in parent.processes()]

    def start(self):
        with self._lock:
            self._begun += 1
            turn = self._begun
        threading.Thread(target=self._bring_up, args=(turn,), name="runner-start", daemon=True).start()

    def replace(self, outdated=True):
        """A new parent takes over beside the old, which ends when its runs are done.

        `outdated`: what the old one has loaded is not what is installed any more, so that runs wait for the new one.
        """
        with self._lock:
            if outdated or self._parent is None:
                self._status = "loading"
        self._on_change()
        self.start()

    def stop(self):
        with self._lock:
            self._stopped = True
            parents, self._parents = self._parents, []
            self._settled.notify_all()
        for parent in parents:
            parent.end()

    def run(self, args, emit, cancel):
        """Runs `args` of the protocol's `run` in the caller's thread; gives the Run. Raises RunnerError."""
        run_id = args.get("runId") or str(uuid.uuid4())
        self._usable_parent(cancel)
        self._count(1)
        try:
            run_dir = os.path.join(self._runs_dir, run_id)
            os.makedirs(run_dir, 0o700, exist_ok=True)
            request = {"run": args, "runId": run_id, "runDir": run_dir}
            fresh = False
            for _ in range(TRIES):
                running = self._run_in_child(self._usable_parent(cancel), request, emit, cancel, fresh)
                if running is not None and running.run is not None:
                    return running.run
                fresh = running is not None and running.unfit
            raise RunnerError("agent-failed", "No process for the run could be started: %s" % self._why)
        finally:
            self._count(-1)
            self._tidy(run_id)

    def _run_in_child(self, parent, request, emit, cancel, fresh):
        """The run at its end, or not begun when the child went before: the kernel may take it for want of memory."""
        child = parent.take(fresh)
        try:
            if not child.wait_ready(cancel.is_set) and not cancel.is_set():
                said = child.problem or {"message": (child.exit or {}).get("problem")}
                self._why = said["message"] or "it ended at once"
                return None
            running = Running(parent, child, request, emit, cancel)
            running.to_end(SPARE_AFTER_SECONDS, parent.ensure_spare)
            self._warm.learn(parent, running.imports)
            return running
        finally:
            if cancel.is_set():
                # Whoever would have seen it end may be gone.
                parent.kill(child)
            parent.give_back(child)
            parent.ensure_spare()

    def _usable_parent(self, cancel):
        with self._lock:
            while self._status == "loading" and not cancel.is_set() and not self._stopped:
                self._settled.wait(0.1)
            if self._stopped:
                raise RunnerError("session-lost", "The session is ending.")
            if cancel.is_set():
                raise RunnerError("cancelled", "Cancelled.")
            if self._status == "absent":
                raise RunnerError(
                    "no-promptflow",
                    "There is no promptflow in the session's Python.",
                    "Add promptflow to the requirements file, or choose a base image that has it",
                )
            if self._status == "failed":
                raise RunnerError("agent-failed", "promptflow could not be loaded: %s" % self._why)
            return self._parent

    def _bring_up(self, turn):
        parent = Parent(self._python, self._environment, self._strategy, self._lost, self._warm.hear)
        with self._lock:
            if self._stopped:
                return
            self._parents.append(parent)
        started = time.monotonic()
        os.makedirs(self._environment["PF_HOME_DIRECTORY"], 0o700, exist_ok=True)
        try:
            parent.start()
            parent.settled.wait()
            problem = parent.problem
        except OSError as error:
            parent.gone.set()
            problem = {"kind": "failed", "message": str(error)}
        if problem is None:
            spare = parent.ensure_spare()
            if spare is None or not spare.wait_ready(lambda: self._stopped):
                problem = (spare and spare.problem) or {"kind": "failed", "message": "Its first child ended."}
        self._take_over(parent, problem, turn)
        self._log("runner: %s after %.1f s" % (problem or "ready", time.monotonic() - started))

    def _lost(self, parent):
        """A parent ended that should not have: another takes its place."""
        with self._lock:
            if self._stopped or parent is not self._parent:
                return
            self._parent, self._status = None, "loading"
        self._log("runner: the parent process ended, another is started")
        self._on_change()
        self.start()

    def _take_over(self, parent, problem, turn):
        with self._lock:
            if turn < self._begun:
                # Another was begun since, for what is installed now.
                problem, old = problem or {"kind": "late"}, None
            elif problem is None:
                old = self._parent
                self._parent, self._status = parent, "ready"
            else:
                old = self._parent
                self._parent, self._status = None, "absent" if problem["kind"] == "absent" else "failed"
                self._why = problem["message"]
            self._parents = [each for each in self._parents if not each.gone.is_set()]
            self._settled.notify_all()
        if problem is None:
            self._warm.again(parent)
        for done in (old, parent if problem else None):
            if done is not None:
                done.retire()
        self._on_change()

    def _count(self, change):
        with self._lock:
            self._active += change
        self._on_change()

    def _tidy(self, run_id):
        """Keeps the folders of the newest runs that left something; an empty one goes at once."""
        folder = os.path.join(self._runs_dir, run_id)
        shutil.rmtree(os.path.join(folder, ".scratch"), ignore_errors=True)
        try:
            os.rmdir(folder)
        except OSError:
            folders = sorted(os.scandir(self._runs_dir), key=lambda entry: entry.stat().st_mtime)
            for entry in folders[: max(len(folders) - KEPT_RUN_FOLDERS - self._active, 0)]:
                shutil.rmtree(entry.path, ignore_errors=True)
