"""Third-party packages that the parent has loaded beforehand: what clean runs imported and lets itself be loaded."""

import threading


class Warm:
    """`replace()` starts a parent anew: one that a package started a thread in cannot fork any more."""

    def __init__(self, strategy, replace, log):
        self._possible = strategy == "fork"
        self._replace = replace
        self._log = log
        self._lock = threading.Lock()
        self._known = {}
        self._welcome = {}

    def learn(self, parent, groups):
        """`groups`: [[top package, its modules …]] of a clean run."""
        for group in groups if self._possible else ():
            with self._lock:
                new = set(group[1:]) - self._known.get(group[0], set())
                self._known.setdefault(group[0], set()).update(new)
            if new:
                parent.preload([group[0]] + [name for name in group[1:] if name in new])

    def hear(self, parent, header):
        """The parent's answer for one group."""
        name = header["preloaded"]
        self._log("runner: %s %s" % (name, "is loaded beforehand" if header["fine"] else "is left to each run"))
        with self._lock:
            if header["fine"]:
                self._welcome[name] = self._known[name]
            else:
                self._welcome.pop(name, None)
        if header["spoiled"]:
            self._replace()
        elif header["fine"]:
            parent.renew_spare()

    def again(self, parent):
        """A new parent loads what the one before it had."""
        with self._lock:
            groups = [[name] + sorted(names) for name, names in self._welcome.items()]
        for group in groups:
            parent.preload(group)
