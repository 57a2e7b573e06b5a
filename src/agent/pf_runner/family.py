"""A child's family: every process that a run left behind, whatever session it made for itself.

Each run's child is a subreaper, and so is the parent: what a run starts stays below the child while that lives and
comes to the parent when it ends. So each process below the parent that is no child of its own making is a leftover.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
ROUNDS = 400


def adopt_orphans():
    """Makes orphans below this process its children (Linux); elsewhere a process group is all there is."""
    if sys.platform.startswith("linux"):
        try:
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        except (OSError, AttributeError):
            pass


def kill_group(pid):
    """The group all at once, so that a fork bomb cannot outrun it."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def kill_strangers(children):
    """Kills what lies below this process apart from `children` and what lies below them, until nothing is left."""
    for turn in range(ROUNDS):
        strangers = _strangers(children)
        if not strangers:
            return
        for pid in strangers:
            kill_group(pid)
        time.sleep(0 if turn < 3 else 0.005)
        for pid in strangers:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass


def _strangers(children):
    parents = _parents()
    level = [pid for pid, parent in parents.items() if parent == os.getpid() and pid not in children]
    below = []
    while level:
        below += level
        level = [pid for pid, parent in parents.items() if parent in level]
    return below


def _parents():
    """{pid: parent's pid} of all processes."""
    if not os.path.isdir("/proc/self"):
        return _parents_by_ps()
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, "rb") as file:
                    parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
    return parents


def _parents_by_ps():
    with subprocess.Popen(["ps", "-axo", "pid=,ppid="], stdout=subprocess.PIPE) as listing:
        rows = [line.split() for line in listing.stdout.read().decode("ascii", "replace").splitlines()]
    return {int(pid): int(parent) for pid, parent in rows if int(pid) != listing.pid}
