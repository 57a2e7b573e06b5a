"""The requirements files of an install, laid out so that pip reads what the client sent."""

import os
import re

from pf_agent.errors import AgentError

_OPTION = re.compile(r"^\s*(?:-i|-f|--index-url|--extra-index-url|--find-links|--no-index|--trusted-host)\b")
_INCLUDE = re.compile(r"^(\s*(?:-r|-c|--requirement|--constraint)[ =]*)(/.*?)\s*$", re.MULTILINE)

_LINKS = re.compile(r"^(\s*(?:-f|--find-links)[ =]*)(?!\w+://)(\S+)", re.MULTILINE)


class Requirements:
    """`path`: the top file as people know it; `argument`: what pip is given; `original(text)`: pip's words with the
    paths people know."""

    def __init__(self, args, cwd, folder, strip):
        self.path, self.files = checked(args)
        self.hash = args.get("hash")
        self._cwd = cwd
        self._root = os.path.join(folder, "files")
        if all(same(path, text) for path, text in self.files.items()):
            if not os.path.isfile(self.path):
                raise AgentError("requirements-missing", "There is no requirements file at %s." % self.path)
            self.argument = self.shown
            self.copied = False
        else:
            # All of them: what one includes is looked for beside it.
            for path, text in self.files.items():
                self._write(path, strip(text))
            self.argument = self._root + self.path
            self.copied = True

    @property
    def shown(self):
        """The path as a person in `cwd` would type it."""
        inside = (self.path + "/").startswith(self._cwd.rstrip("/") + "/")
        return os.path.relpath(self.path, self._cwd) if inside else self.path

    def original(self, text):
        return text.replace(self._root, "")

    def absolute(self, shown):
        """The path that pip's words name."""
        return os.path.normpath(os.path.join(self._cwd, self.original(shown)))

    def line(self, path, number):
        """A line of a file, counted from 1; "" when there is none."""
        lines = self._lines(path)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def options(self):
        """The lines that say where packages come from."""
        paths = {self.path, *self.files}
        return [line.strip() for path in paths for line in self._lines(path) if _OPTION.match(line)]

    def find(self, pattern):
        """(path, line number) of the first line that matches, the top file first; (None, None) when none does."""
        for path in [self.path, *self.files]:
            for number, line in enumerate(self._lines(path), 1):
                if re.search(pattern, line):
                    return path, number
        return None, None

    def _lines(self, path):
        if path not in self.files:
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    return file.read().splitlines()
            except OSError:
                return []
        return self.files[path].splitlines()

    def _write(self, path, text):
        target = self._root + path
        text = _INCLUDE.sub(self._redirect, text)
        text = _LINKS.sub(lambda found: found[1] + absolute_links(found[2], os.path.dirname(path)), text)
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        with open(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            # With a mark, which pip believes before it looks for a comment that names another encoding.
            file.write(text.encode("utf-8-sig"))

    def _redirect(self, found):
        path = found.group(2)
        return found.group(1) + (self._root if os.path.normpath(path) in self.files else "") + path


def absolute_links(place, folder):
    """A folder beside the person's file, which the copy does not have beside it."""
    beside = os.path.join(folder, place)
    return beside if not os.path.isabs(place) and os.path.exists(beside) else place


def checked(args):
    """(path, files) with normal absolute paths."""
    path, files = args.get("path"), args.get("files") or {}
    good = isinstance(path, str) and isinstance(files, dict)
    if not good or not all(isinstance(key, str) and isinstance(text, str) for key, text in files.items()):
        raise AgentError("usage", "install: requirements must be {path, files: {path: text}, hash}.")
    if not all(os.path.isabs(name) for name in [path, *files]):
        raise AgentError("usage", "install: the requirements' paths must be absolute.")
    return os.path.normpath(path), {os.path.normpath(name): text for name, text in files.items()}


def same(path, text):
    try:
        with open(path, "rb") as file:
            return file.read() == text.encode("utf-8")
    except (OSError, UnicodeEncodeError):
        return False
