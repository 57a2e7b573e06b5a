"""The child: one run, in a process of its own. It waits for its request, runs it and ends by `os._exit`."""

import fcntl
import os
import signal
import socket
import sys
from traceback import format_exc

from pf_runner import family, frames

HIGH_DESCRIPTOR = 200


def begin(channel, stdout, stderr, load=None, read=()):
    """Makes a process of this one that no flow can tell from a plain one, then serves one request. Never returns."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    connection = _take_over(channel, stdout, stderr)
    family.adopt_orphans()
    _die_first()
    problem = load() if load else None
    if problem:
        connection.sendall(frames.pack({"t": "failed", "problem": problem}))
        os._exit(0)
    try:
        from pf_runner import serve

        connection.sendall(frames.pack({"t": "ready"}))
        serve.warm_up()
        serve.one(connection, read)
    except (BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        pass  # nobody waits for this run any more
    except BaseException:
        connection.sendall(frames.pack({"t": "failed", "problem": {"kind": "failed", "message": format_exc()}}))
    finally:
        os._exit(0)


def _take_over(channel, stdout, stderr):
    """fd 0 gives end of file, 1 and 2 go to the agent; the channel is where no flow stumbles over it."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    high = fcntl.fcntl(channel, fcntl.F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR)
    for source, target in ((nothing, 0), (stdout, 1), (stderr, 2)):
        os.dup2(source, target)
    for descriptor in {nothing, channel, stdout, stderr} - {0, 1, 2}:
        os.close(descriptor)
    sys.stdin = sys.__stdin__ = open(0, closefd=False)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        stream = open(descriptor, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
        setattr(sys, name, stream)
        setattr(sys, "__%s__" % name, stream)
    return socket.socket(fileno=high)


def _die_first():
    """When memory runs out the kernel shall take the run, not the agent."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass
