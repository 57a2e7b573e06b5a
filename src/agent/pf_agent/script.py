"""A shell that runs what it is given, without a terminal."""

import os
import signal
import subprocess

from pf_agent import shells

# Of output that is passed on at once, in bytes.
PIECE = 32 * 1024


class Script:
    """Used as a Terminal is; it ends when there is no more to run."""

    def __init__(self, cwd, environment):
        self._process = subprocess.Popen(
            [shells.choose(environment)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environment,
            start_new_session=True,
        )

    def resize(self, columns, rows):
        pass

    def read(self):
        return os.read(self._process.stdout.fileno(), PIECE)

    def write(self, data):
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except (OSError, ValueError):
            # It has ended, or was told that there is no more.
            return

    def end(self):
        try:
            self._process.stdin.close()
        except OSError:
            return

    def busy(self):
        return self._process.poll() is None

    def exit_code(self):
        code = self._process.wait()
        return code if code >= 0 else 128 - code

    def hang_up(self):
        self.kill()

    def kill(self):
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass

    def close(self):
        self.end()
        self._process.stdout.close()
