"""Messages as bytes: 4 bytes length, big-endian, then UTF-8 JSON; longer texts in parts (docs/protocol.md, Frames)."""

import json
import struct

from pf_agent.errors import ProtocolError

MAX_FRAME = 1 << 20
# Characters per part: if each takes 4 bytes of UTF-8, it is the 256 KiB that a part may hold.
PART = 64 * 1024
# Parts that may be on their way unacknowledged, per request.
WINDOW = 8
# Of one message that a client sends in parts, in characters.
MAX_MESSAGE = 256 << 20

_HEADER = struct.Struct(">I")


def encode(value):
    """JSON text that JavaScript reads too: no NaN, no Infinity, ASCII only."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except (ValueError, TypeError):
        return json.dumps(_plain(value), separators=(",", ":"))


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def frame(text):
    """The bytes of one frame."""
    data = text.encode("utf-8", "surrogatepass")
    return _HEADER.pack(len(data)) + data


def part(identifier, text, last):
    """The text of one part's frame."""
    quoted = json.dumps(text, ensure_ascii=text.isascii())
    return '{"id":%s,"part":%s,"last":%s}' % (json.dumps(identifier), quoted, "true" if last else "false")


def cut(pieces, size=PART):
    """The same text in pieces of exactly `size` characters, the last one shorter."""
    held = ""
    for piece in pieces:
        start = 0
        if held:
            start = size - len(held)
            held += piece[:start]
            if len(held) < size:
                continue
            yield held
        while len(piece) - start >= size:
            yield piece[start : start + size]
            start += size
        held = piece[start:]
    yield held


def read_frame(file):
    """The next message of a buffered binary file; None at its end, also when it ends within a frame."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    (length,) = _HEADER.unpack(header)
    if length > MAX_FRAME:
        raise ProtocolError("A frame of %d bytes is longer than %d." % (length, MAX_FRAME))
    data = file.read(length)
    if len(data) < length:
        return None
    return parse(data)


def parse(data):
    """The JSON object of a frame or of joined parts."""
    try:
        message = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("A frame holds no JSON: %s" % error) from error
    if not isinstance(message, dict):
        raise ProtocolError("A frame holds no JSON object.")
    return message
