"""Runs each flow by `pf flow test` and by a session's runner and compares: `python3 run.py INTERPRETER [NAME ...]`.

What pf says is kept in the test bed's cache folder, by version, flow and inputs: the first run takes minutes, later
ones seconds. Prints each difference and, last, `N passed, N failed`.
"""

import concurrent.futures
import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, os.path.dirname(HERE), os.path.join(ROOT, "src", "agent")]

import compare  # noqa: E402
import flows_more  # noqa: E402
import flows_plain  # noqa: E402
import flows_wrong  # noqa: E402
from pf_agent.runner_pool import RunnerPool  # noqa: E402

import environments  # noqa: E402

CASES = flows_plain.CASES + flows_wrong.CASES + flows_more.CASES
WORKERS = 2
# promptflow's own command was seen to hang once in some hundred calls.
TRIES = 3
UNSET = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PF_HOME_DIRECTORY")


class Comparison:
    def __init__(self, python):
        version = "import promptflow._version as v, sys; print(v.VERSION, '%d.%d' % sys.version_info[:2])"
        self.python = python
        self.version = subprocess.check_output([python, "-c", version], env=self._environment("/tmp")).decode().split()
        self.folder = os.path.join(environments.cache_dir(), "fidelity", self.version[1])
        shutil.rmtree(os.path.join(self.folder, "runs"), ignore_errors=True)

    def pool(self):
        runtime = os.path.join(self.folder, "runs", "runtime")
        os.makedirs(runtime)
        pool = RunnerPool(
            python=self.python,
            environment=self._environment(runtime),
            runtime_dir=runtime,
            home=runtime,
            runs_dir=os.path.join(self.folder, "runs", "folders"),
            log=lambda line: None,
            on_change=lambda: None,
        )
        pool.start()
        return pool

    def differences(self, pool, case):
        folder = os.path.join(self.folder, "flows", case["name"])
        self._write(folder, case)
        asked = self._asked(folder, case)
        answer = self._pf(case, asked)
        self._write(folder, case)
        before = _listing(folder)
        variant = asked["variant"] and dict(asked["variant"])
        args = dict(asked, flowFile=asked["flow"], network={}, variant=variant)
        run = pool.run(args, lambda *_: None, threading.Event())
        found = compare.differences(answer, run, folder)
        if _listing(folder) != before:
            found.append("files left in the flow's folder: %s" % sorted(_listing(folder) ^ before))
        return found

    def _environment(self, home):
        environment = {name: value for name, value in os.environ.items() if name not in UNSET}
        environment["PATH"] = os.path.dirname(self.python) + os.pathsep + environment.get("PATH", "")
        return dict(environment, HOME=home, PF_HOME_DIRECTORY=os.path.join(home, ".promptflow"))

    def _write(self, folder, case):
        shutil.rmtree(folder, ignore_errors=True)
        for name, text in case["files"].items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)

    def _asked(self, folder, case):
        kinds = [name for name in case["files"] if os.path.basename(name).startswith("flow.")]
        flow = case.get("flow", kinds[0] if kinds else "")
        asked = {key: case.get(key) for key in ("inputs", "node", "variant")}
        asked["flow"] = os.path.join(folder, flow) if flow else folder
        return dict(asked, environment=case.get("environment") or {}, connections=case.get("connections") or {})

    def _pf(self, case, asked):
        key = json.dumps([self.version, case["files"], asked, _text("pf_side.py")], sort_keys=True)
        kept = os.path.join(self.folder, "answers", hashlib.sha256(key.encode()).hexdigest() + ".json")
        for attempt in range(TRIES):
            if os.path.exists(kept):
                break
            home = kept + ".home"
            shutil.rmtree(home, ignore_errors=True)
            os.makedirs(os.path.join(home, ".promptflow"))
            environment = dict(self._environment(home), PF_TRACING_SKIP_LOCAL_SETUP="true", PF_DISABLE_TELEMETRY="1")
            target = os.path.join(home, "answer.json")
            try:
                log = ask_pf(self.python, target, asked, environment, home)
            except subprocess.TimeoutExpired:
                if attempt + 1 == TRIES:
                    raise
                continue
            if not os.path.exists(target):
                raise RuntimeError("pf gave no answer: %s" % log.decode("utf-8", "replace")[-2000:])
            os.rename(target, kept)
            shutil.rmtree(home)
        with open(kept, encoding="utf-8") as file:
            return json.load(file)


def ask_pf(python, target, asked, environment, home):
    """What it printed."""
    pf = subprocess.Popen(
        [python, os.path.join(HERE, "pf_side.py"), target],
        env=environment,
        cwd=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        return pf.communicate(json.dumps(asked).encode(), timeout=120)[0]
    finally:
        # A process that it forked may hang, and hold the pipe open.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pf.pid, signal.SIGKILL)
        pf.wait()


def _listing(folder):
    return {os.path.join(root, name) for root, folders, names in os.walk(folder) for name in folders + names}


def _text(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def main(python, names):
    comparison = Comparison(python)
    pool = comparison.pool()
    cases = [case for case in CASES if not names or case["name"] in names]
    failed = 0
    try:
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as workers:
            for case, future in [(case, workers.submit(comparison.differences, pool, case)) for case in cases]:
                try:
                    found = future.result()
                except Exception as error:
                    found = ["%s: %s" % (type(error).__name__, error)]
                if found:
                    failed += 1
                    print("FAIL %s\n    %s" % (case["name"], "\n    ".join(found)))
    finally:
        pool.stop()
    print("%d passed, %d failed" % (len(cases) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
