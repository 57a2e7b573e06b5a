"""How pip is called: which pip, with what arguments and environment."""

import glob
import os
import re

from pf_agent import distributions
from pf_agent.credentials import Credentials, has_credentials

# They would move the packages elsewhere, hide what pip says or turn the download cache off.
_HARMFUL = (
    "TARGET PREFIX ROOT USER PYTHON NO_CACHE_DIR REQUIRE_VIRTUALENV DRY_RUN REPORT IGNORE_INSTALLED FORCE_REINSTALL "
    "REQUIREMENT EDITABLE QUIET VERBOSE LOG LOG_FILE PROGRESS_BAR NO_INPUT NO_COLOR"
).split()
# requests, which pip brings along, reads the file that NETRC names since this version of pip.
_NETRC_SINCE = (20, 3)
_SHIELD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip_shield.py")
DRY_RUN_SINCE = (22, 2)


class Pip:
    """`start`: the first arguments of every call; `version`: as a tuple."""

    def __init__(self, start, version):
        self.start = start
        self.version = version

    def shielded(self, folder):
        """The same pip, where what it starts must not be given credentials as arguments."""
        return Pip([self.start[0], _SHIELD, folder, *self.start[1:]], self.version)

    def install(self, argument, report=None):
        """`report`: only plan, and write the plan there."""
        tried = ["--dry-run", "--report", report] if report else []
        return [*self.start, "install", "--no-input", "--disable-pip-version-check", *tried, "-r", argument]

    def probe(self, folder, *wanted):
        """Downloads something and says how that went: only a talkative pip tells why an index gave it nothing."""
        options = ["--no-input", "--disable-pip-version-check", "--retries", "0", "--timeout", "10", "-vv"]
        return [*self.start, "download", *options, "--no-deps", "--no-cache-dir", "-d", folder, *wanted]


def find_pip(layer):
    """The visible pip, else the one that Python brings for its `ensurepip`, run from its wheel; None: there is none."""
    found = layer.visible().get("pip")
    if found:
        return Pip([layer.python, "-m", "pip"], numbers(found.version))
    folders = [os.path.join(layer.base.library, "ensurepip", "_bundled"), "/usr/share/python-wheels"]
    wheels = [wheel for folder in folders for wheel in glob.glob(os.path.join(glob.escape(folder), "pip-*.whl"))]
    if not wheels:
        return None
    version = distributions.normalised(os.path.basename(wheels[0])).split("-")
    return Pip([layer.python, os.path.join(wheels[0], "pip")], tuple(int(part) for part in version[1:3]))


def numbers(version):
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def write_private(path, text):
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


class PipEnvironment:
    """pip's environment, and the files beside it that hold what must not stand in it; they lie in `folder`."""

    def __init__(self, version, session, given, texts, folder):
        self._by_netrc = version >= _NETRC_SINCE
        self._folder = folder
        self.credentials = Credentials([*given.values(), *texts])
        harmful = {"PIP_" + name for name in _HARMFUL}
        self.variables = {name: value for name, value in {**session, **given}.items() if name not in harmful}
        self.variables.update(PIP_USER="0", PIP_PROGRESS_BAR="off", PIP_NO_COLOR="1", PYTHONUNBUFFERED="1")
        self.variables.update(PYTHONIOENCODING="utf-8:backslashreplace")
        if self.credentials.any:
            # git's address in an editable checkout has none, so pip would ask whether it is the same repository.
            self.variables["PIP_EXISTS_ACTION"] = "w"
        self._move_indexes(given)
        self._write_netrc()

    def guard(self, pip):
        """How pip is to be called with this environment."""
        return pip.shielded(self._folder) if self.credentials.any else pip

    def strip(self, text):
        return self.credentials.strip(text) if self._by_netrc else text

    def _move_indexes(self, given):
        """Index settings that still hold a token go into a file instead of the environment block."""
        moved = {}
        for name in given:
            value = self.strip(given[name])
            if name.startswith("PIP_") and name in self.variables:
                self.variables[name] = value
                if has_credentials(value):
                    moved[name[4:].lower().replace("_", "-")] = self.variables.pop(name)
        if moved:
            path = os.path.join(self._folder, "pip.conf")
            write_private(path, with_settings(read(self.variables.get("PIP_CONFIG_FILE")), moved))
            self.variables["PIP_CONFIG_FILE"] = path

    def _write_netrc(self):
        lines = self.credentials.netrc() if self._by_netrc else ""
        if lines:
            own = self.variables.get("NETRC") or os.path.join(self.variables.get("HOME", "/"), ".netrc")
            path = os.path.join(self._folder, "netrc")
            write_private(path, lines + read(own))
            self.variables["NETRC"] = path


def with_settings(text, settings):
    """The text of a pip.conf with settings put in."""
    import configparser
    import io

    parser = configparser.RawConfigParser()
    parser.read_string(text)
    if not parser.has_section("global"):
        parser.add_section("global")
    for name, value in settings.items():
        parser.set("global", name, value)
    written = io.StringIO()
    parser.write(written)
    return written.getvalue()


def read(path):
    try:
        with open(path or "", encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
