"""Installed packages, told from the names of their metadata folders: no import, no process."""

import os
import re

_SUFFIXES = (".dist-info", ".egg-info")


class Distribution:
    """`name`: normalised; `changed`: when its metadata was last written, which tells a reinstall."""

    __slots__ = ("name", "version", "path", "changed")

    def __init__(self, name, version, path, changed):
        self.name = name
        self.version = version
        self.path = path
        self.changed = changed

    def read(self, *names):
        """The first of its metadata files that can be read; "" when there is none."""
        for name in names:
            path = os.path.join(self.path, name) if os.path.isdir(self.path) else self.path
            try:
                with open(path, encoding="utf-8", errors="replace") as file:
                    return file.read()
            except OSError:
                continue
        return ""

    def title(self):
        """The name as its author writes it."""
        found = re.search(r"^Name:\s*(\S+)", self.read("METADATA", "PKG-INFO"), re.MULTILINE)
        return found.group(1) if found else self.name


def normalised(name):
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def scan(site):
    """The distributions in one site-packages folder by normalised name."""
    found = {}
    try:
        entries = list(os.scandir(site))
    except OSError:
        return found
    for entry in entries:
        suffix = next((suffix for suffix in _SUFFIXES if entry.name.endswith(suffix)), None)
        # pip renames what it is about to remove to a name that begins with a tilde.
        if suffix and not entry.name.startswith("~"):
            distribution = _read(entry, entry.name[: -len(suffix)])
            found[distribution.name] = distribution
    return found


def visible(sites):
    """Those that an import would find: the first of a name."""
    found = {}
    for site in sites:
        for name, distribution in scan(site).items():
            found.setdefault(name, distribution)
    return found


def _read(entry, stem):
    try:
        changed = entry.stat().st_mtime_ns
    except OSError:
        changed = 0
    name, _, version = stem.partition("-")
    distribution = Distribution(normalised(name), version.split("-")[0], entry.path, changed)
    if not version:
        text = re.search(r"^Version:\s*(\S+)", distribution.read("METADATA", "PKG-INFO"), re.MULTILINE)
        distribution.version = text.group(1) if text else ""
    return distribution


def differences(before, after):
    """PackageChange objects between two `visible` listings, sorted by name."""
    changes = []
    for name in sorted(set(before) | set(after)):
        old, new = before.get(name), after.get(name)
        versions = old and old.version, new and new.version
        if versions[0] != versions[1]:
            changes.append({"name": (new or old).title(), "from": versions[0], "to": versions[1]})
    return changes


def rewritten(before, after):
    """Whether anything was installed, removed or reinstalled."""
    return _stamps(before) != _stamps(after)


def outdated(before, after):
    """Whether anything that was there is not there any more as it was: what has it loaded has something else now."""
    now = _stamps(after)
    return any(now.get(name) != stamp for name, stamp in _stamps(before).items())


def _stamps(found):
    return {name: (each.path, each.changed) for name, each in found.items()}
