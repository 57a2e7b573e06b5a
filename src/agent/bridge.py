"""Joins stdin and stdout to the agent's socket: `python -S -E bridge.py SOCKET`."""

import _socket
import _thread
import os
import sys

PIECE = 256 * 1024
STDIN, STDOUT = 0, 1


def to_agent(connection):
    """Until the client's end; the agent's goodbye then ends the other direction."""
    try:
        while True:
            data = memoryview(os.read(STDIN, PIECE))
            if not data:
                break
            while data:
                data = data[connection.send(data) :]
        connection.shutdown(_socket.SHUT_WR)
    except OSError:
        pass


def from_agent(connection):
    while True:
        data = memoryview(connection.recv(PIECE))
        if not data:
            return
        while data:
            data = data[os.write(STDOUT, data) :]


def main(arguments):
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.connect(arguments[0])
    except OSError as error:
        sys.stderr.write("The session's agent does not answer: %s\n" % error)
        return 1
    _thread.start_new_thread(to_agent, (connection,))
    try:
        from_agent(connection)
    except OSError:
        pass
    # The other thread may wait for input for ever.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
