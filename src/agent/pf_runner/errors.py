"""An exception as a RunError: what `pf flow test` says of it, and where in the person's own files it happened."""

import os
import traceback


def describe(error, folder, sources=None):
    """RunError of an exception that no run info tells about: the flow could not be loaded, or is wrong."""
    file, line = locate(error, folder, sources)
    return {
        "type": type(error).__name__,
        "message": str(error),
        "file": file,
        "line": line,
        "traceback": _traceback(error, folder),
    }


def describe_failed(info, error, folder, sources=None):
    """RunError of a failed run: `info` is its error as promptflow recorded it, `error` the exception, where known."""
    from promptflow._utils.exception_utils import ErrorResponse

    response = ErrorResponse.from_error_dict(info)
    details = response.get_user_execution_error_info()
    file, line = locate(error, folder, sources) if error is not None else (None, None)
    return {
        "type": details.get("type", "Exception"),
        "message": response.message,
        "file": file,
        "line": line,
        "traceback": details.get("traceback") or (_traceback(error, folder) if error is not None else None),
    }


def chain(error):
    """The exception and what led to it, the root last."""
    found = []
    while error is not None and error not in found:
        found.append(error)
        inner = getattr(error, "inner_exception", None)
        error = inner if isinstance(inner, BaseException) else error.__cause__ or error.__context__
    return found


def locate(error, folder, sources=None):
    """(file, line) in the flow's own folder, or (None, None). promptflow's own line is often a library's."""
    for cause in reversed(chain(error)):
        for file, line in _positions(cause, sources or {}):
            path = os.path.abspath(os.path.join(folder, file))
            if path.startswith(os.path.join(folder, "")) and os.path.isfile(path):
                return path, line
    return None, None


def _positions(error, sources):
    if isinstance(error, SyntaxError) and error.filename:
        yield error.filename, error.lineno
    mark = getattr(error, "problem_mark", None)
    if mark is not None and getattr(mark, "name", None):
        yield mark.name, mark.line + 1
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        yield frame.filename, frame.lineno
    if type(error).__module__.startswith("jinja2"):
        template = [frame.lineno for frame in frames if frame.filename in ("<template>", "<unknown>")]
        line = getattr(error, "lineno", None) or (template[-1] if template else None)
        node = next((frame for frame in sources if frame == getattr(error, "node", None)), None)
        if node:
            yield sources[node], line


def _traceback(error, folder):
    """From the first frame of the person's own: what lies above it is promptflow's and ours."""
    root = chain(error)[-1]
    frames = traceback.extract_tb(root.__traceback__)
    inside = [os.path.abspath(frame.filename).startswith(os.path.join(folder, "")) for frame in frames]
    if True not in inside:
        return "".join(traceback.format_exception_only(type(root), root)) if isinstance(root, SyntaxError) else None
    shown = traceback.StackSummary.from_list(frames[inside.index(True) :])
    head = ["Traceback (most recent call last):\n"]
    return "".join(head + shown.format() + traceback.format_exception_only(type(root), root))


def describe_exit(error, folder):
    """A tool called sys.exit: promptflow lets it pass, and so it ended the run."""
    said = describe(error, folder)
    return dict(said, message="The flow called sys.exit(%s)." % ("" if error.code is None else repr(error.code)))


class InvalidFlowError(Exception):
    """Named as the class that `pf` reports for it."""
