"""The agent's own log: stderr, one line each, never a secret."""

import sys
import time


def log(text, error=None):
    """`error`: its traceback follows."""
    try:
        sys.stderr.write("%s %s\n" % (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), text))
        if error is not None and not getattr(error, "kind", None):
            import traceback

            sys.stderr.write("".join(traceback.format_exception(type(error), error, error.__traceback__)))
        sys.stderr.flush()
    except (OSError, ValueError):
        pass
