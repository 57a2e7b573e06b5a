"""What crosses the protocol as an error."""


class AgentError(Exception):
    """`kind`: an ErrorKind of src/core/base/errors.ts; `message`: a sentence for people; `action`: one thing to do."""

    def __init__(self, kind, message, action=None, detail=None):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.action = action
        self.detail = detail


class ConnectionClosed(Exception):
    """The client that a message is for is gone."""


class ProtocolError(Exception):
    """The client sent what no frame may hold; the connection ends."""


def cancelled():
    return AgentError("cancelled", "Cancelled.")


def stopping(why=None):
    return AgentError("session-lost", why or "The session is stopping.")


def describe(error):
    """Any exception as the protocol's error object."""
    if not getattr(error, "kind", None):
        return {"kind": "internal", "message": "%s: %s" % (type(error).__name__, error)}
    found = {"kind": error.kind, "message": getattr(error, "message", None) or str(error)}
    for name in ("action", "detail"):
        if getattr(error, name, None):
            found[name] = getattr(error, name)
    return found
