"""Where the Python below the layer keeps its packages, found out without starting or importing anything."""

import os
import sys


class Base:
    """The Python below the layer.

    `executable`: as it was named; `version`: "3.9.2"; `home`, `real`: folder and path of the interpreter that a virtual
    environment is built on; `system`: whether that one's own packages are visible; `sites`: the folders whose packages
    are visible, first wins; `linked`: those of them that a layer reaches only by a .pth file; `library`: the standard
    library's folder.
    """

    def __init__(self, executable, version, prefix, site_packages=None):
        self.executable = executable
        self.version = version
        self.folder = "python" + ".".join(version.split(".")[:2])
        settings = venv_settings(executable)
        venv = os.path.dirname(os.path.dirname(executable)) if settings is not None else None
        self.real = real_interpreter(executable, settings, self.folder)
        self.home = os.path.dirname(self.real)
        self.library = os.path.join(prefix, "lib", self.folder)
        self.linked = own_sites(venv, self.folder, site_packages)
        isolated = bool(site_packages) or (settings is not None and settings.get(SYSTEM_KEY) != "true")
        self.system = not isolated
        self.sites = self.linked + ([] if isolated else prefix_sites(prefix, self.folder))


SYSTEM_KEY = "include-system-site-packages"


def base_of(executable, site_packages):
    """The Base for the config's `basePython` and `baseSitePackages`; null: the Python that runs the agent."""
    sites = [site_packages] if isinstance(site_packages, str) else site_packages
    own = "%d.%d.%d" % sys.version_info[:3]
    if not executable or os.path.realpath(executable) == os.path.realpath(sys.executable):
        return Base(executable or sys.executable, own, sys.base_prefix, sites)
    version, prefix, named = ask(executable)
    return Base(named, version, prefix, sites)


def ask(executable):
    """Another Python has to be asked: (version, base prefix, executable); a shim names the Python it stands for."""
    import subprocess

    code = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.base_prefix, sys.executable, sep='\\n')"
    text = subprocess.run([executable, "-S", "-E", "-c", code], stdout=subprocess.PIPE, check=True, timeout=30).stdout
    version, prefix, named = text.decode("utf-8", "surrogateescape").splitlines()[:3]
    return version, prefix, named


def venv_settings(executable):
    """The keys of the pyvenv.cfg that belongs to an interpreter; None when it is in no virtual environment."""
    for folder in (os.path.dirname(os.path.dirname(executable)), os.path.dirname(executable)):
        try:
            with open(os.path.join(folder, "pyvenv.cfg"), encoding="utf-8", errors="surrogateescape") as file:
                pairs = [line.partition("=") for line in file]
        except OSError:
            continue
        return {key.strip().lower(): value.strip() for key, _, value in pairs}
    return None


def real_interpreter(executable, settings, folder):
    """The interpreter that a virtual environment was made from; the interpreter itself when it is in none."""
    if settings is None:
        return executable
    home = settings.get("home", "")
    names = [os.path.join(home, name) for name in (folder, "python3", "python")]
    for path in [settings.get("executable", ""), *names]:
        if path and os.access(path, os.X_OK):
            return path
    return os.path.realpath(executable)


def own_sites(venv, folder, site_packages):
    found = list(site_packages or [])
    if venv:
        found += [os.path.join(venv, lib, folder, "site-packages") for lib in ("lib", "lib64")]
    return distinct(found)


def prefix_sites(prefix, folder):
    """Where a Python outside of virtual environments looks; Debian's has three names of its own."""
    found = [os.path.join(prefix, lib, folder, "site-packages") for lib in ("lib", "lib64")]
    if prefix == "/usr":
        debian = ["/usr/local/lib/%s/dist-packages" % folder, "/usr/lib/python3/dist-packages"]
        found = ["/usr/lib/%s/dist-packages" % folder, *found]
        found = debian[:1] + found + debian[1:]
    return distinct(found)


def distinct(folders):
    kept, seen = [], set()
    for folder in folders:
        real = os.path.realpath(folder)
        if real not in seen and os.path.isdir(folder):
            seen.add(real)
            kept.append(folder)
    return kept


def layer_site(env_dir, base):
    """The layer's own site-packages."""
    return os.path.join(env_dir, "lib", base.folder, "site-packages")


def promptflow_version(sites):
    """promptflow's version by the name of its metadata folder, first of the sites; None when there is none."""
    for site in sites:
        try:
            names = os.listdir(site)
        except OSError:
            continue
        for name in names:
            if name.startswith("promptflow-") and name.endswith((".dist-info", ".egg-info")):
                return name[len("promptflow-") : -len(".dist-info")].split("-")[0]
    return None
