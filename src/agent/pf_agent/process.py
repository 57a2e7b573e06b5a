"""A process in a group of its own, whose lines are heard as they come."""

import os
import signal
import subprocess
import threading

# Between the polite signal and the other, in seconds.
PATIENCE = 2


_alive = set()


def kill_all():
    """At the agent's end: nothing it started stays behind."""
    for process in list(_alive):
        process.signal(signal.SIGKILL)


class Process:
    """Runs `argv` without input; `on_line(text)` hears what it prints, stdout and stderr in one."""

    def __init__(self, argv, cwd, environment, on_line):
        self._on_line = on_line
        self._process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _alive.add(self)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait(self, cancel):
        """The exit code. When cancelled, the group is interrupted and, if it does not end, killed."""
        off = cancel.on_set(lambda: threading.Thread(target=self.end, daemon=True).start())
        try:
            code = self._process.wait()
        finally:
            off()
        # What it left behind may hold the pipe open: its end is not waited for longer than it takes to read the rest.
        self._reader.join(1)
        self.signal(signal.SIGKILL)
        _alive.discard(self)
        return code

    def end(self, patience=PATIENCE):
        self.signal(signal.SIGINT)
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
        self.signal(signal.SIGKILL)

    def signal(self, number):
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass

    def _read(self):
        with self._process.stdout as pipe:
            for data in pipe:
                # Of a progress bar that redraws its line the last state counts.
                text = data.decode("utf-8", "backslashreplace").rstrip("\r\n").rpartition("\r")[2]
                self._on_line(text)


def output(argv, environment, given=None, timeout=60):
    """What a short process of ours prints."""
    done = subprocess.run(argv, input=given, env=environment, capture_output=True, timeout=timeout)
    if done.returncode:
        raise OSError("exit code %d: %s" % (done.returncode, done.stderr.decode("utf-8", "replace")[-2000:]))
    return done.stdout
