"""What the first run waits for, begun before the rest of the agent is loaded: the layer, and the runner above it."""

import os
import threading

from pf_agent.layer import Layer
from pf_agent.log import log
from pf_agent.runner_pool import RunnerPool

# Of Python's own variables: they would lead the layer's Python astray.
_ASTRAY = ("PYTHONHOME", "PYTHONSTARTUP", "__PYVENV_LAUNCHER__", "PYTHONEXECUTABLE")


class Groundwork:
    """`layer`, `pool`; `on_change`: whoever wants to hear of the pool's changes puts itself there."""

    def __init__(self, greeting):
        self.greeting = greeting
        self.config = greeting.config
        self.layer = Layer(self.config["envDir"], greeting.base)
        self.on_change = lambda: None
        self.pool = RunnerPool(
            python=self.layer.python,
            environment=self.environment(),
            runtime_dir=self.config["runtimeDir"],
            home=self.config["home"],
            runs_dir=self.config["runsDir"],
            log=log,
            on_change=lambda: self.on_change(),
        )

    def begin(self):
        """Returns at once."""
        threading.Thread(target=self._lay, daemon=True).start()
        return self

    def environment(self):
        """Of everything that runs in the session: the container's, the config's, the layer's `bin` first on PATH."""
        found = {name: value for name, value in os.environ.items() if name not in _ASTRAY}
        found.update({str(name): str(value) for name, value in (self.config.get("environment") or {}).items()})
        path = found.get("PATH") or "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        below = os.path.dirname(self.layer.base.executable)
        rest = [folder for folder in path.split(os.pathsep) if folder != self.layer.bin]
        found["PATH"] = os.pathsep.join([self.layer.bin, *([] if below in rest else [below]), *rest])
        found["VIRTUAL_ENV"] = self.layer.folder
        found["HOME"] = self.config["home"]
        # promptflow asks for the user's name, which a bare uid does not have.
        found.setdefault("USER", "session")
        found.setdefault("LOGNAME", found["USER"])
        # Packages in a home folder lie in no layer.
        found["PYTHONNOUSERSITE"] = "1"
        return found

    def write_launchers(self):
        """After the layer was made, and after each install."""
        try:
            self.layer.launchers()
        except OSError as error:
            log("launchers cannot be written: %s" % error)

    def _lay(self):
        try:
            for folder in (self.config["home"], self.config["runsDir"], self.config["runtimeDir"]):
                os.makedirs(folder, mode=0o700, exist_ok=True)
            self.layer.make()
        except OSError as error:
            log("the layer cannot be made: %s" % error)
            return
        self.pool.start()
        self.write_launchers()
