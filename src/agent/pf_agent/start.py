"""What a start waits for: config read, socket bound, hello printed. Imports as little as Python allows."""

import _socket
import errno
import os
import sys
import time

from pf_agent import VERSION, places, quickjson

PROTOCOL = {"major": 1, "minor": 0}
FEATURES = ["run", "install", "packages", "terminal", "logs"]
ALREADY_RUNNING = 98


class StartError(Exception):
    """The agent cannot start; `code` is its exit code, the text one line for stderr."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


class Greeting:
    """The config, the bound socket and what every hello repeats."""

    def __init__(self, config, config_path, listener, lock):
        self.config = config
        self.config_path = config_path
        self.listener = listener
        self.socket_identity = identity(config["socket"])
        # Held until the process ends.
        self.lock = lock
        self.started_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        try:
            self.base = places.base_of(config.get("basePython"), config.get("baseSitePackages"))
        except Exception as error:
            raise StartError("cannot use the Python %s: %s" % (config.get("basePython"), error)) from error

    def hello(self):
        """The Hello of docs/protocol.md as it is now."""
        base = self.base
        return {
            "protocol": PROTOCOL,
            "features": FEATURES,
            "agentVersion": VERSION,
            "sessionId": self.config["sessionId"],
            "environmentHash": self.config.get("environmentHash"),
            "flowFileHash": file_hash(self.config["flow"]["file"]),
            "python": {"version": base.version, "executable": base.executable},
            "promptflow": places.promptflow_version([places.layer_site(self.config["envDir"], base), *base.sites]),
            "cacheWritable": is_writable(self.config.get("cacheDir")),
            "uid": os.getuid(),
            "pid": os.getpid(),
            "startedAt": self.started_at,
        }


def begin(config_path):
    """Binds the socket and prints the hello line."""
    config = read_config(config_path)
    lock = take_lock(config_path)
    os.makedirs(os.path.dirname(config["socket"]), mode=0o700, exist_ok=True)
    listener = bind(config["socket"])
    greeting = Greeting(config, os.path.abspath(config_path), listener, lock)
    try:
        sys.stdout.write("pf-session-agent " + quickjson.dumps(greeting.hello()) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Who started it is gone; whoever comes next joins.
        pass
    return greeting


def read_config(path):
    try:
        with open(path, encoding="utf-8") as file:
            config = quickjson.loads(file.read())
    except (OSError, ValueError) as error:
        raise StartError("cannot read the config %s: %s" % (path, error)) from error
    wanted = ("sessionId", "flow", "socket", "runtimeDir", "envDir", "home", "runsDir")
    missing = [name for name in wanted if name not in config] if isinstance(config, dict) else wanted
    if missing:
        raise StartError("the config %s lacks %s" % (path, ", ".join(missing)))
    return config


def take_lock(path):
    """On the config file: of two agents that are started at once for one session, one stays."""
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise StartError("cannot lock %s: %s" % (path, error.strerror)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StartError("an agent already serves this session", ALREADY_RUNNING) from error
    return descriptor


def bind(path):
    """The listening socket, readable and writable by its owner from its first moment on."""
    try:
        os.unlink(path)
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise StartError("cannot remove the old socket %s: %s" % (path, error.strerror)) from error
    listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(path)
    except OSError as error:
        raise StartError("cannot listen on %s: %s" % (path, error.strerror or error)) from error
    finally:
        os.umask(mask)
    listener.listen(128)
    return listener


def identity(path):
    """Tells a file from another that took its place, also where the file system uses its number again."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def is_writable(folder):
    """Whether this user can make files in the folder; None when none is named."""
    return os.access(folder, os.W_OK | os.X_OK) if folder else None


def file_hash(path):
    """SHA-256 of a file's bytes in hex; None when it cannot be read. By the C module: hashlib costs 8 ms of OpenSSL."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return None
    try:
        from _sha2 import sha256
    except ImportError:
        try:
            from _sha256 import sha256
        except ImportError:
            from hashlib import sha256
    return sha256(data).hexdigest()
