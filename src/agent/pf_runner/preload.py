"""Third-party packages that flows import, loaded in the parent, so that each run need not load them anew.

Only if nothing stands against it: a copy of the parent tries first, and a package that starts a thread, exits or hangs
stays out. OpenBLAS would start threads as it loads: it is told one, and each child gives it back what it would take.
"""

import contextlib
import ctypes
import importlib
import os
import signal
import sys

PROBE_SECONDS = 60
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS")
SET_THREADS = tuple(
    prefix + "openblas_set_num_threads" + suffix for prefix in ("", "scipy_") for suffix in ("", "64_", "_64")
)
NEVER = ("promptflow", "pf_runner", "debugpy", "pydevd", "__pf_main__")


def imported(count_before, folder):
    """[[top package, its modules …]]: what was imported from site-packages since `count_before` modules were there."""
    groups = {}
    newest = list(zip(reversed(sys.modules), range(max(len(sys.modules) - count_before, 0))))
    for name, _ in reversed(newest):
        top = name.partition(".")[0]
        path = getattr(sys.modules.get(name), "__file__", None) or ""
        if top not in NEVER and _is_installed(path) and not path.startswith(os.path.join(folder, "")):
            groups.setdefault(top, []).append(name)
    return [[top] + names for top, names in groups.items()]


def _is_installed(path):
    return "/site-packages/" in path or "/dist-packages/" in path


def probe(names):
    """Whether the modules can be loaded here: exit status 0. For a forked copy of the parent."""
    signal.alarm(PROBE_SECONDS)
    with contextlib.suppress(Exception):
        load(names)
        os._exit(0 if len(os.listdir("/proc/self/task")) == 1 else 1)
    os._exit(2)


def load(names):
    """Imports the modules; gives the names of the environment variables they read meanwhile."""
    read = set()
    get = os._Environ.__getitem__

    def recording(self, key):
        read.add(key)
        return get(self, key)

    before = {name: os.environ.pop(name, None) for name in THREAD_VARIABLES}
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os._Environ.__getitem__ = recording
    try:
        for name in names:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    finally:
        os._Environ.__getitem__ = get
        del os.environ["OPENBLAS_NUM_THREADS"]
        os.environ.update((name, value) for name, value in before.items() if value is not None)
    _find_thread_setters()
    return read


_setters = {}


def _find_thread_setters():
    with open("/proc/self/maps") as file:
        paths = {line.split(None, 5)[5].strip() for line in file if "openblas" in line}
    for path in paths - set(_setters):
        library = ctypes.CDLL(path)
        _setters[path] = next((getattr(library, name) for name in SET_THREADS if hasattr(library, name)), None)


def wake(environment):
    """In a child: threads for OpenBLAS as it would have them, and numbers of its own for numpy."""
    wanted = next((environment[name] for name in THREAD_VARIABLES if environment.get(name, "").isdigit()), None)
    count = int(wanted) if wanted else len(os.sched_getaffinity(0)) if _setters else 1
    for setter in _setters.values():
        if setter is not None and count > 1:
            setter(count)
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        with contextlib.suppress(Exception):
            numpy_random.seed()
