"""An exception as a RunError: what `pf flow test` says of it, and where in the person's own files it happened."""

import os
import re
import traceback

FLOW_FILE = "(flow file)"  # its key among the sources of nodes

NODE = "pf_session_node"  # set on an exception: the node that it ended
INPUT = "pf_session_input"  # the flow's input that it is about
HINT = "pf_session_hint"  # what to do about it


class InvalidFlowError(Exception):
    """Named as the class that `pf` reports for it."""


def describe(error, places, sources=None):
    """RunError of an exception that no run info tells about: the flow could not be loaded, or is wrong."""
    return _run_error(type(error).__name__, str(error), error, places, sources)


def line_of_input(path, name):
    """Where the flow file declares an input; None when it cannot be seen there."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, ValueError):
        return None
    inside = False
    for number, line in enumerate(lines, 1):
        if re.match(r"\S", line) and not line.startswith("#"):
            inside = line.startswith("inputs:")
        elif inside and re.match(r"\s+['\"]?%s['\"]?\s*:" % re.escape(name), line):
            return number
    return None


def describe_exit(error, places):
    """A tool called sys.exit: promptflow lets it pass, and so it ended the run."""
    said = "" if error.code is None else repr(error.code)
    return _run_error("SystemExit", "The flow called sys.exit(%s)." % said, error, places)


def describe_failed(info, error, places, sources=None):
    """RunError of a failed run: `info` is its error as promptflow recorded it, `error` the exception, where known."""
    from promptflow._utils.exception_utils import ErrorResponse

    response = ErrorResponse.from_error_dict(info)
    details = response.get_user_execution_error_info()
    said = _run_error(details.get("type", "Exception"), response.message, error, places, sources)
    if said["traceback"] is None:
        said["traceback"] = places.in_text(details.get("traceback"))
    return said


def chain(error):
    """The exception and what led to it: the person's own first, then promptflow's words about it, the root first."""
    found = []
    while error is not None and error not in found:
        found.append(error)
        inner = getattr(error, "inner_exception", None)
        error = inner if isinstance(inner, BaseException) else error.__cause__ or error.__context__
    wrapped = [each for each in found if type(each).__module__.startswith("promptflow")]
    return [each for each in found if each not in wrapped] + wrapped[::-1]


def _run_error(name, message, error, places, sources=None):
    file, line = _locate(error, places, sources or {})
    trace = _traceback(error, places)
    message, trace = places.in_text(message), places.in_text(trace)
    found = {"type": name, "message": message, "file": file, "line": line, "traceback": trace}
    return dict(found, action=cure(error, file))


def cure(error, file):
    """One thing to do about it; None where nothing better than its message can be said."""
    for cause in chain(error):
        name = type(cause).__name__
        if hasattr(cause, INPUT):
            return "Give a value for %s, or a default in the flow file" % getattr(cause, INPUT)
        if isinstance(cause, ModuleNotFoundError) and cause.name:
            return (
                "Add the package that has %s to the requirements file, then install it" % cause.name.partition(".")[0]
            )
        if isinstance(cause, SystemExit):
            return "Let the tool return or raise instead of ending its process"
        if name == "FlowEntryInitializationError":
            return "Give what the class is made with (--init NAME=VALUE), or defaults in its __init__"
        if hasattr(cause, HINT):
            return getattr(cause, HINT)
        if name in ("InputTypeError", "InputParseError"):
            return "Give a value of the type that the flow file names"
    return "Mend the line, save, and run again: the session need not be started anew" if file else None


def _locate(error, places, sources):
    """(file, line) in the flow's own folder, or (None, None). promptflow's own line is often a library's."""
    for cause in chain(error):
        for file, line in _positions(cause, error, places, sources):
            if file and places.holds(file) and os.path.isfile(os.path.join(places.folder, file)):
                return places.original(file), line
    return None, None


def _positions(cause, error, places, sources):
    if hasattr(cause, INPUT):
        file = sources.get(FLOW_FILE, "")
        yield file, line_of_input(os.path.join(places.folder, file), getattr(cause, INPUT))
    if isinstance(cause, SyntaxError) and cause.filename:
        yield cause.filename, cause.lineno
    mark = getattr(cause, "problem_mark", None)
    if mark is not None and getattr(mark, "name", None):
        yield sources.get(FLOW_FILE, "") if mark.name.startswith("<") else mark.name, mark.line + 1
    frames = traceback.extract_tb(cause.__traceback__)
    for frame in reversed(frames):
        yield frame.filename, frame.lineno
    template = [frame.lineno for frame in frames if frame.filename in ("<template>", "<unknown>")]
    if type(cause).__module__.startswith("jinja2") or template:
        nodes = [getattr(each, NODE, None) or getattr(each, "_node_name", None) for each in chain(error)]
        line = getattr(cause, "lineno", None) or (template[-1] if template else None)
        for node in nodes:
            if node in sources:
                yield sources[node], line


def _traceback(error, places):
    """From the first frame of the person's own: what lies above it is promptflow's and ours."""
    for cause in chain(error):
        frames = traceback.extract_tb(cause.__traceback__)
        inside = [places.holds(frame.filename) for frame in frames]
        last = traceback.format_exception_only(type(cause), cause)
        if True in inside:
            shown = traceback.StackSummary.from_list(frames[inside.index(True) :])
            return "".join(["Traceback (most recent call last):\n"] + shown.format() + last)
        if isinstance(cause, SyntaxError):
            return "".join(last)
    return None
