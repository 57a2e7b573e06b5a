"""Packages made on the spot, and an index on loopback that serves them, openly and behind a password."""

import base64
import hashlib
import http.server
import io
import os
import tarfile
import threading
import zipfile

# Nobody else's: the same tests run with other Pythons at the same time, and look at all processes.
USER, TOKEN = "someone", "s3cretT0ken%d" % os.getpid()


def wheel(folder, name, version="1.0", requires=(), scripts=(), code="", python=None):
    """Writes a wheel that brings one module; its path."""
    stem = "%s-%s" % (name.replace("-", "_"), version)
    info = stem + ".dist-info"
    metadata = ["Metadata-Version: 2.1", "Name: " + name, "Version: " + version]
    metadata += ["Requires-Dist: " + item for item in requires] + (["Requires-Python: " + python] if python else [])
    entries = {
        name.replace("-", "_").lower() + ".py": "VERSION = %r\n%s\n" % (version, code),
        info + "/METADATA": "\n".join(metadata) + "\n",
        info + "/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if scripts:
        entries[info + "/entry_points.txt"] = "[console_scripts]\n" + "\n".join(scripts) + "\n"
    record = "".join("%s,%s,%d\n" % (path, digest(text), len(text)) for path, text in entries.items())
    path = os.path.join(folder, stem + "-py3-none-any.whl")
    os.makedirs(folder, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for entry, text in entries.items():
            archive.writestr(entry, text)
        archive.writestr(info + "/RECORD", record + info + "/RECORD,,\n")
    return path


def digest(text):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def broken_source(folder, name, version="1.0"):
    """Writes a source archive whose build fails without asking for anything."""
    stem = "%s-%s" % (name, version)
    backend = "def get_requires_for_build_wheel(s=None): return []\n"
    backend += "def build_wheel(*a, **k): raise RuntimeError('gcc: command not found')\n"
    backend += "prepare_metadata_for_build_wheel = build_wheel\n"
    project = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    files = {"pyproject.toml": project, "backend.py": backend}
    files["PKG-INFO"] = "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version)
    path = os.path.join(folder, stem + ".tar.gz")
    pack(path, stem, files)
    return path


def source(folder, name, version="1.0", build_requires=()):
    """Writes a source archive that builds into a wheel with one module; its files, by name."""
    stem = "%s-%s" % (name, version)
    made = wheel(folder + ".made", name, version)
    with open(made, "rb") as file:
        coded = base64.b64encode(file.read()).decode()
    backend = "import base64, os\n"
    backend += "def build_wheel(folder, *a, **k):\n"
    backend += "    name = %r\n" % os.path.basename(made)
    backend += "    open(os.path.join(folder, name), 'wb').write(base64.b64decode(%r))\n    return name\n" % coded
    project = "[build-system]\nrequires = %s\nbuild-backend = 'backend'\n" % list(build_requires)
    project += "backend-path = ['.']\n"
    files = {"pyproject.toml": project, "backend.py": backend}
    files["PKG-INFO"] = "Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (name, version)
    pack(os.path.join(folder, stem + ".tar.gz"), stem, files)
    return files


def pack(path, stem, files):
    with tarfile.open(path, "w:gz") as archive:
        for entry, text in files.items():
            member = tarfile.TarInfo(stem + "/" + entry)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))


class Index:
    """`url`: open to all; `private`: wants USER and TOKEN; `slow`: downloads from it hang until `close()`, and so
    do those of paths that hold `held`; `reached` says that one does."""

    def __init__(self, folder):
        self.folder = folder
        self.released = threading.Event()
        self.reached = threading.Event()
        self.held = None
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.index = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.host = "127.0.0.1:%d" % self._server.server_port
        self.url = "http://%s/open/simple" % self.host
        self.slow = "http://%s/slow/simple" % self.host
        self.private = "http://%s/private/simple" % self.host
        self.private_with_token = "http://%s:%s@%s/private/simple" % (USER, TOKEN, self.host)

    def close(self):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def project_of(file):
    """The normalised name of the project that a wheel or source archive belongs to."""
    stem = file[: -len(".tar.gz")] if file.endswith(".tar.gz") else file.rpartition("-py3-")[0]
    return stem.rpartition("-")[0].replace("_", "-").lower()


class Handler(http.server.BaseHTTPRequestHandler):
    """`/open/…`, `/private/…` and `/slow/…` have the same `simple/NAME/` and `files/NAME`."""

    def do_GET(self):
        kind, _, rest = self.path.lstrip("/").partition("/")
        wanted = "Basic " + base64.b64encode(("%s:%s" % (USER, TOKEN)).encode()).decode()
        if kind == "private" and self.headers.get("Authorization") != wanted:
            return self.answer(401, b"", [("WWW-Authenticate", 'Basic realm="feed"')])
        if self.server.index.held and self.server.index.held in rest:
            self.server.index.reached.set()
            self.server.index.released.wait(60)
        if rest.startswith("simple/"):
            return self.listing(rest.split("/")[1])
        if kind == "slow":
            self.server.index.released.wait(60)
        below = os.path.basename(rest) if rest.startswith("files/") else rest.partition("?")[0]
        self.file(os.path.join(self.server.index.folder, below))

    def listing(self, name):
        own = [file for file in sorted(os.listdir(self.server.index.folder)) if project_of(file) == name]
        if not own:
            return self.answer(404, b"")
        links = "".join('<a href="../../files/%s">%s</a>\n' % (file, file) for file in own)
        self.answer(200, ("<!DOCTYPE html><html><body>%s</body></html>" % links).encode())

    def file(self, path):
        try:
            with open(path, "rb") as file:
                self.answer(200, file.read(), kind="application/octet-stream")
        except OSError:
            self.answer(404, b"")

    def answer(self, status, body, headers=(), kind="text/html"):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
