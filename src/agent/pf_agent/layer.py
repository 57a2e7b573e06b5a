"""The session's layer: a virtual environment above the Python below it, which itself is never written to."""

import json
import os
import threading

from pf_agent import distributions, launchers, places
from pf_agent.errors import AgentError, cancelled

_RECORD = "pf-session.json"
_LINK = "_pf_session_base.pth"


class Layer:
    """`python`: its interpreter; `sites`: what is visible, its own packages first."""

    def __init__(self, folder, base):
        self.folder = folder
        self.base = base
        self.bin = os.path.join(folder, "bin")
        self.python = os.path.join(self.bin, "python")
        self.site = places.layer_site(folder, base)
        self._made = threading.Event()
        self._failure = None
        self._known = None

    @property
    def sites(self):
        return [self.site, *self.base.sites]

    def make(self):
        """An agent that is started again, or whose client made the layer, takes it as it is.

        By hand and not by `venv`, which takes 50 ms and which Debian splits off.
        """
        try:
            if not self._is_there():
                self._write()
            self.is_touched()
        except OSError as error:
            self._failure = AgentError("agent-failed", "The session's environment cannot be made: %s" % error)
            raise
        finally:
            self._made.set()

    def _is_there(self):
        settings = os.path.join(self.folder, "pyvenv.cfg")
        return os.path.isfile(settings) and os.access(self.python, os.X_OK) and os.path.isdir(self.site)

    def _write(self):
        os.makedirs(self.bin, exist_ok=True)
        os.makedirs(self.site, exist_ok=True)
        link(self.python, self.base.real)
        for name in ("python3", self.base.folder):
            link(os.path.join(self.bin, name), "python")
        if not os.path.lexists(os.path.join(self.folder, "lib64")):
            link(os.path.join(self.folder, "lib64"), "lib")
        self._link_sites()
        # Last, because it says that the layer is whole.
        put(os.path.join(self.folder, "pyvenv.cfg"), self._settings())

    def await_made(self, cancel):
        """Returns when it can be used."""
        while not self._made.wait(0.1):
            if cancel.is_set():
                raise cancelled()
        if self._failure:
            raise self._failure

    def launchers(self):
        """After it was made and after each install."""
        launchers.synchronise(self.bin, self.python, self.base.sites, self.site)

    def visible(self):
        return distributions.visible(self.sites)

    def is_touched(self):
        """Whether its packages are others than when this was last asked, or when it was made."""
        before = self._known
        try:
            touched = os.stat(self.site).st_mtime_ns
        except OSError:
            return False
        if before and before[0] == touched:
            return False
        found = distributions.scan(self.site)
        self._known = touched, sorted((name, each.path, each.changed) for name, each in found.items())
        return before is not None and before[1] != self._known[1]

    def promptflow(self):
        return places.promptflow_version(self.sites)

    def recall(self):
        """What `remember` wrote for this Python; {} when there is nothing."""
        try:
            with open(os.path.join(self.folder, _RECORD), encoding="utf-8") as file:
                record = json.load(file)
        except (OSError, ValueError):
            return {}
        fits = isinstance(record, dict) and record.get("version") == 1 and record.get("python") == self.base.folder
        return record if fits else {}

    def remember(self, **values):
        try:
            put(os.path.join(self.folder, _RECORD), json.dumps({"version": 1, "python": self.base.folder, **values}))
        except OSError:
            # Only a restarted agent misses it.
            pass

    def _settings(self):
        pairs = [
            ("home", self.base.home),
            ("include-system-site-packages", "true" if self.base.system else "false"),
            ("version", self.base.version),
            ("executable", self.base.real),
        ]
        return "".join("%s = %s\n" % pair for pair in pairs)

    def _link_sites(self):
        # addsitedir and not the bare path: .pth files in the folder below (editable installs) are read too. In ASCII,
        # because Python reads the file in the locale's encoding.
        lines = ["import site; site.addsitedir(%a)\n" % folder for folder in self.base.linked]
        path = os.path.join(self.site, _LINK)
        if lines:
            put(path, "".join(lines))
        elif os.path.lexists(path):
            os.unlink(path)


def put(path, text):
    """Writes a file whole, unless it is so already."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        with open(path, "rb") as file:
            if file.read() == data:
                return
    except OSError:
        pass
    temporary = "%s.%d.new" % (path, os.getpid())
    with open(temporary, "wb") as file:
        file.write(data)
    os.replace(temporary, path)


def link(path, target):
    if os.path.islink(path) and os.readlink(path) == target:
        return
    if os.path.lexists(path):
        os.unlink(path)
    os.symlink(target, path)
