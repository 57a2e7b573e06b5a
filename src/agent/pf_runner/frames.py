"""What travels between agent, parent and child: a small JSON header and, where it has a `size`, so many bytes after it.

Values of a run are such bytes: JSON text that the agent passes on without reading it.
"""

import array
import json
import socket
import struct

LENGTH = struct.Struct(">I")
READ_SIZE = 256 * 1024
MOST_DESCRIPTORS = 8


def pack(header, payload=b""):
    if payload:
        header = dict(header, size=len(payload))
    text = json.dumps(header).encode("ascii")
    return b"".join((LENGTH.pack(len(text)), text, payload))


class Frames:
    """Takes bytes as they come and gives whole frames: (header, payload)."""

    def __init__(self):
        self._buffer = bytearray()
        self._header = None
        self._missing = 0
        self._parts = []

    def feed(self, data):
        """The frames that `data` completes. A long payload is kept in the pieces it came in and joined once."""
        done = []
        if self._header is not None:
            piece = data[: self._missing]
            data = data[len(piece) :]
            self._parts.append(piece)
            self._missing -= len(piece)
            if self._missing:
                return done
            done.append((self._header, b"".join(self._parts)))
            self._header, self._parts = None, []
        self._buffer += data
        position = 0
        while self._header is None and len(self._buffer) - position >= LENGTH.size:
            start = position + LENGTH.size
            end = start + LENGTH.unpack_from(self._buffer, position)[0]
            if len(self._buffer) < end:
                break
            header = json.loads(self._buffer[start:end].decode("ascii"))
            position = end + header.get("size", 0)
            payload = bytes(self._buffer[end:position])
            self._missing = position - end - len(payload)
            if self._missing:
                self._header, self._parts = header, [payload]
            else:
                done.append((header, payload))
        del self._buffer[:position]
        return done


def send_with_descriptors(connection, header, descriptors):
    """Sends a frame along with open descriptors; the receiver gets its own copies of them."""
    data = pack(header)
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    sent = connection.sendmsg([data], ancillary)
    connection.sendall(data[sent:])


def receive_with_descriptors(connection):
    """(data, descriptors); no data means that the other side closed."""
    space = socket.CMSG_SPACE(MOST_DESCRIPTORS * array.array("i").itemsize)
    data, ancillary, _, _ = connection.recvmsg(READ_SIZE, space)
    descriptors = array.array("i")
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    return data, list(descriptors)
