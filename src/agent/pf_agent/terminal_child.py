"""Makes its standard input the controlling terminal of its session and becomes the shell.

A program of its own: between fork and exec of the agent, which has threads, no Python may run.
"""

import fcntl
import os
import sys
import termios

if __name__ == "__main__":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.execvp(sys.argv[1], sys.argv[1:])
