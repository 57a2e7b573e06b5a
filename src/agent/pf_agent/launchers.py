"""Console scripts of the packages below the layer, written anew so that they run under the session's Python."""

import os
import re

from pf_agent import distributions

_MARK = "# Written by pf-session: runs the package below under the session's Python."
_SECTIONS = ("console_scripts", "gui_scripts")
_ENTRY = re.compile(r"^\s*([\w.+-]+)\s*=\s*([\w.]+)\s*:\s*([\w.]+)")


def synchronise(bin_folder, python, lower_sites, upper_site):
    """One launcher for each console script below that the layer's own packages do not bring; ours that lost theirs go.

    A file that is not ours is left alone.
    """
    upper = distributions.scan(upper_site)
    wanted = {}
    for name, distribution in distributions.visible(lower_sites).items():
        if name not in upper:
            for script, module, attribute in scripts(distribution.read("entry_points.txt")):
                wanted.setdefault(script, launcher(python, module, attribute))
    for name in os.listdir(bin_folder):
        if name not in wanted and ours(os.path.join(bin_folder, name)):
            os.unlink(os.path.join(bin_folder, name))
    for name, text in wanted.items():
        place(os.path.join(bin_folder, name), text)


def scripts(entry_points):
    """(script, module, attribute) of each console script in the text of an entry_points.txt."""
    section = None
    for line in entry_points.splitlines():
        if line.strip().startswith("["):
            section = line.strip().strip("[]").strip()
            continue
        found = _ENTRY.match(line) if section in _SECTIONS else None
        if found and not found.group(1).startswith(("python", ".")):
            yield found.groups()


def launcher(python, module, attribute):
    """A kernel reads no shebang with blanks or of more than 127 bytes: `sh` starts Python then, as pip has it do."""
    if " " in python or len(python.encode("utf-8")) > 120:
        head = "#!/bin/sh\n'''exec' \"%s\" \"$0\" \"$@\"\n' '''\n" % python
    else:
        head = "#!%s\n" % python
    top = attribute.partition(".")[0]
    lines = ["import sys", "from %s import %s" % (module, top), "sys.exit(%s())" % attribute, ""]
    return head + _MARK + "\n" + "\n".join(lines)


def ours(path):
    try:
        with open(path, "rb") as file:
            return _MARK.encode("ascii") in file.read(1024)
    except OSError:
        return False


def place(path, text):
    """Whole or not at all: another process may be about to run it."""
    data = text.encode("utf-8")
    try:
        with open(path, "rb") as file:
            present = file.read()
        if present == data or _MARK.encode("ascii") not in present:
            return
    except OSError:
        pass
    temporary = "%s.%d.new" % (path, os.getpid())
    with open(temporary, "wb") as file:
        file.write(data)
    os.chmod(temporary, 0o755)
    os.replace(temporary, path)
