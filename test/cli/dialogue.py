"""Runs a command in a terminal of its own and plays a dialogue with it.

python3 dialogue.py '[["expect", "$ "], ["send", "ls\\n"], ["resize", 40, 120]]' COMMAND ...

Prints what the terminal showed, and exits as the command did.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

LIMIT_SECONDS = 120


class Dialogue:
    def __init__(self, terminal):
        self.terminal = terminal
        self.shown = b""
        self.read_up_to = 0

    def read(self):
        """False when the command has closed its terminal."""
        if not select.select([self.terminal], [], [], 0.2)[0]:
            return True
        try:
            data = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.shown += data
        return bool(data)

    def expect(self, text):
        end = time.monotonic() + LIMIT_SECONDS
        while text.encode() not in self.shown[self.read_up_to :]:
            if not self.read() or time.monotonic() > end:
                sys.stdout.buffer.write(self.shown)
                sys.exit("\nit never showed %r" % text)
        self.read_up_to = self.shown.index(text.encode(), self.read_up_to) + len(text.encode())

    def send(self, text):
        os.write(self.terminal, text.encode())

    def resize(self, rows, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    steps, command = json.loads(sys.argv[1]), sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    dialogue = Dialogue(terminal)
    dialogue.resize(24, 100)
    for name, *values in steps:
        getattr(dialogue, name)(*values)
    while dialogue.read():
        pass
    sys.stdout.buffer.write(dialogue.shown)
    sys.stdout.flush()
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


main()
