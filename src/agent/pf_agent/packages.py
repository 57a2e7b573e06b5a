"""What is installed, asked of the layer's Python and kept until something changes."""

import json
import os
import subprocess
import threading

from pf_agent.errors import AgentError
from pf_agent.process import output

_PROBE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "packages_probe.py")


class Packages:
    """The `packages` operation. Two at once wait for one answer."""

    def __init__(self, layer, environment):
        self._layer = layer
        self._environment = environment
        self._guard = threading.Lock()
        self._key = None
        self._known = None

    def list(self):
        """InstalledPackage objects."""
        with self._guard:
            key = [changed(site) for site in self._layer.sites]
            if self._known is None or key != self._key:
                self._known = [self._place(package) for package in probe(self._layer, self._environment(), None)]
                self._key = key
            return self._known

    def _place(self, package):
        location = os.path.normpath(package["location"])
        inside = os.path.realpath(location).startswith(os.path.realpath(self._layer.folder) + os.sep)
        return {**package, "location": location, "layer": "session" if inside else "base"}


def conflicts(layer, environment, changes):
    """What a planned change would leave inconsistent, in pip's words."""
    planned = {change["name"]: change["to"] for change in changes if change["to"]}
    return probe(layer, environment, planned) if planned else []


def probe(layer, environment, given):
    try:
        return json.loads(output([layer.python, _PROBE], environment, json.dumps(given).encode("ascii")))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise AgentError("internal", "The session's packages cannot be listed: %s" % error) from error


def changed(site):
    try:
        return site, os.stat(site).st_mtime_ns
    except OSError:
        return site, 0
