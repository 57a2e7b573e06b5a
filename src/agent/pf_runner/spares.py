"""How a child comes to be: by a fork of the loaded parent, or as a new process where a fork is not safe."""

import gc
import importlib
import os
import sys
import traceback

from pf_runner import child, preload, promptflow_import


class Fork:
    def __init__(self, control):
        self._close = [control.fileno()]
        self.read = set()

    def load(self):
        """None, or why no run can be made here: {"kind", "message"}."""
        problem = _load()
        if problem is None and thread_count() > 1:
            return {"kind": "threads", "message": "Loading promptflow started a thread."}
        return problem

    def close_in_child(self, descriptors):
        self._close += descriptors

    def start(self, descriptors):
        """The new child's process id. `descriptors`: its socket, its stdout and its stderr."""
        return self._fork(lambda: child.begin(*descriptors, read=self.read))

    def probe(self, names):
        """The process id of a copy that tries to load the modules: its exit status tells."""
        return self._fork(lambda: preload.probe(names))

    def preload(self, names):
        """False when they started a thread after all: this process can then not fork any more."""
        self.read |= preload.load(names)
        gc.collect()
        gc.freeze()
        serve = sys.modules["pf_runner.serve"]
        serve.MODULES_BEFORE = len(sys.modules)
        return thread_count() == 1

    def _fork(self, live):
        if thread_count() > 1:
            raise OSError("the parent has %d threads: a fork would not be safe" % thread_count())
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            try:
                for descriptor in self._close:
                    os.close(descriptor)
                live()
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(70)
        return pid


class Spawn:
    def __init__(self, control):
        self._program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "parent.py")

    def load(self):
        if not promptflow_import.is_there():
            return {"kind": "absent", "message": "There is no promptflow in this environment."}
        return None

    def close_in_child(self, descriptors):
        pass

    def start(self, descriptors):
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        arguments = [sys.executable, self._program, "child"] + [str(descriptor) for descriptor in descriptors]
        return os.posix_spawn(sys.executable, arguments, os.environ)


def begin_alone(descriptors):
    """The life of a child that was not forked: it loads promptflow itself."""
    child.begin(*descriptors, load=_load)


def thread_count():
    """OS threads of this process; 1 where the system does not say."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def _load():
    sys.dont_write_bytecode = False  # compiled once here, so that the next start takes a third of the time
    try:
        promptflow_import.load()
        importlib.import_module("pf_runner.serve")
    except promptflow_import.NoPromptflow:
        return {"kind": "absent", "message": "There is no promptflow in this environment."}
    except Exception as error:
        said = "%s: %s" % (type(error).__name__, error)
        return {"kind": "failed", "message": "This promptflow is not built as 1.15 to 1.18 are. " + said}
    finally:
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    gc.collect()
    gc.freeze()
    return None
