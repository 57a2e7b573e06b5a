"""Where a flow's files lie: in its own folder or, with additional includes, in a copy that they are merged into."""

import os
import shutil
import zipfile
from pathlib import Path

from promptflow.exceptions import UserErrorException

LEFT_BEHIND = shutil.ignore_patterns(".git", "__pycache__")


class Places:
    """`folder`: where the flow runs. `origin`: the person's own. Paths in the one are told as those of the other."""

    def __init__(self, folder, origin=None):
        self.folder = str(folder)
        self.origin = str(origin or folder)
        self._included = {}
        self._merged = {}

    def holds(self, path):
        return os.path.abspath(os.path.join(self.folder, path)).startswith(os.path.join(self.folder, ""))

    def original(self, path):
        """The person's file behind a path where the flow runs."""
        path = os.path.abspath(os.path.join(self.folder, path))
        if self.folder == self.origin:
            return path
        return self._included.get(path) or os.path.join(self.origin, os.path.relpath(path, self.folder))

    def in_text(self, text):
        if text is None or self.folder == self.origin:
            return text
        for path, source in self._included.items():
            text = text.replace(path, source)
        return text.replace(self.folder, self.origin)

    def merge(self, includes):
        """Fills the copy: the flow's folder, then each include by its base name over it."""
        # A link of the person's computer may lead nowhere in a session.
        shutil.copytree(self.origin, self.folder, ignore=LEFT_BEHIND, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        for item in includes:
            source = Path(str(item))
            # As promptflow does: a relative one by its real name.
            source = source if source.is_absolute() else (Path(self.origin) / source).resolve()
            folder = source.with_suffix("")
            if source.suffix == ".zip" and not source.exists() and folder.is_dir():
                _zip(folder, Path(self.folder) / source.name)
            elif not source.exists():
                raise UserErrorException("Unable to find additional include %s" % item)
            else:
                self._copy(source, Path(self.folder) / source.name)
        self._merged = {path: _stamp(path) for path in _files(self.folder)}

    def drop_unchanged(self):
        """Leaves in the copy only what the run wrote there."""
        for path, stamp in self._merged.items():
            if os.path.lexists(path) and _stamp(path) == stamp:
                os.remove(path)
        for folder, _, _ in os.walk(self.folder, topdown=False):
            if self.folder != self.origin and not os.listdir(folder):
                os.rmdir(folder)

    def _copy(self, source, target):
        if source.is_dir():
            for each in source.glob("*"):
                self._copy(each, target / each.name)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(str(source), str(target))
        self._included[str(target)] = str(source)


def _zip(folder, target):
    with zipfile.ZipFile(str(target), "w") as archive:
        archive.write(str(folder), folder.name)
        for path in _files(str(folder)):
            archive.write(path, os.path.relpath(path, str(folder.parent)))


def _files(folder):
    return [os.path.join(root, name) for root, _, names in os.walk(folder, followlinks=True) for name in names]


def _stamp(path):
    found = os.lstat(path)
    return found.st_mtime_ns, found.st_size, found.st_ino
