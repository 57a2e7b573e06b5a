"""Runs pip so that no credential stands on the command line of what pip starts, where other users can read it.

`python pip_shield.py FOLDER -m pip ARGUMENT…` (or a path instead of `-m pip`). pip hands its indexes to the pip that
installs build requirements, and a repository's URL to git, as arguments; from here they go by files in FOLDER (0700).
"""

import os
import runpy
import shlex
import subprocess
import sys

_INDEX_OPTIONS = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links")


class Shield:
    """`safe(arguments)`: what to start instead."""

    def __init__(self, folder, credentials):
        self._folder = folder
        self._credentials = credentials
        self._helpers = {}
        self._made = 0

    def safe(self, arguments):
        if not isinstance(arguments, (list, tuple)) or not all(isinstance(each, str) for each in arguments):
            return arguments
        if os.path.basename(arguments[0]) == "git":
            return self._git(list(arguments))
        if "install" in arguments and any(map(self._credentials.has_credentials, arguments)):
            return self._pip(list(arguments))
        return arguments

    def _pip(self, arguments):
        """A pip that builds something needs this shield in its turn."""
        at = arguments.index("install")
        lines, rest = [], []
        given = iter(arguments[at + 1 :])
        for word in given:
            if word == "--":
                rest += [word, *given]
            elif word in _INDEX_OPTIONS:
                lines.append("%s %s" % (word, shlex.quote(next(given, ""))))
            else:
                rest.append(word)
        path = self._write("indexes", "\n".join(lines) + "\n")
        return [arguments[0], __file__, self._folder, *arguments[1 : at + 1], "-r", path, *rest]

    def _git(self, arguments):
        """Credentials by a helper, for their host alone: the person's own helpers are not told of them."""
        for number, word in enumerate(arguments):
            plain, found = self._credentials.split(word)
            if found:
                arguments[number] = plain
                self._helpers.update({site: self._write("git", line + "\n") for site, line in found})
        settings = []
        for site, path in self._helpers.items():
            helper = "credential.%s.helper=" % site
            settings += ["-c", helper, "-c", helper + "store --file=" + shlex.quote(path)]
        return [arguments[0], *settings, *arguments[1:]]

    def _write(self, name, text):
        self._made += 1
        path = os.path.join(self._folder, "%s-%d-%d" % (name, os.getpid(), self._made))
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return path


def load_credentials():
    """Ours, without a trace on the path that pip searches."""
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[0] = os.path.dirname(own)
    from pf_agent import credentials

    sys.path[0] = ""
    return credentials


def main():
    folder, start, *rest = sys.argv[1:]
    shield = Shield(folder, load_credentials())
    begin = subprocess.Popen.__init__

    def guarded(self, args, *more, **options):
        begin(self, shield.safe(args), *more, **options)

    subprocess.Popen.__init__ = guarded
    if start == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [start, *rest]
        # As Python does for a script that it is given by its path.
        sys.path[0] = os.path.dirname(start)
        runpy.run_path(start, run_name="__main__")


if __name__ == "__main__":
    main()
