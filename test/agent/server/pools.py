"""Runner pools that stand in for the real one: what the server does with a pool is seen without promptflow."""

# `inputs.do` says what a run does.
SCRIPTED = """
import threading
import time
from pf_agent.raw import RawJson

class RunnerError(Exception):
    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind
        self.message = message

class RunnerPool:
    def __init__(self, *, python, environment, runtime_dir, home, runs_dir, log, on_change):
        self.status = "ready"
        self.active_runs = 0
        self.environment = environment
        self.replaced = []

    def start(self):
        pass

    def replace(self, outdated=True):
        self.replaced.append(outdated)

    def stop(self):
        pass

    def run(self, args, emit, cancel):
        do = args["inputs"].get("do")
        if do == "wait":
            emit("node-started", {"node": "a"})
            cancel.wait()
            return {"status": "Canceled"}
        if do == "raise":
            raise RunnerError("no-promptflow", "There is none.")
        if do == "big":
            return {"text": args["inputs"]["of"] * args["inputs"]["times"]}
        if do == "raw":
            def parts():
                yield '{"text":"'
                for _ in range(args["inputs"]["times"]):
                    yield args["inputs"]["of"]
                yield '"}'
            return RawJson(parts())
        if do == "raw-breaks":
            def breaks():
                yield '"' + "x" * 300000
                raise RunnerError("run-crashed", "It is gone.")
            return RawJson(breaks())
        if do == "flood":
            while not cancel.is_set():
                emit("log", {"node": None, "stream": "stdout", "text": "x" * 60000})
            return {"status": "Canceled"}
        if do == "log":
            emit("log", {"node": "a", "stream": "stdout", "text": args["inputs"]["text"]})
            return {"status": "Completed"}
        if do == "replaced":
            return self.replaced
        if do == "environment":
            return self.environment
        return {"echo": args, "odd": float("nan")}
"""
