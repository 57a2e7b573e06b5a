"""Python environments with promptflow for the agent's tests: one per minor version that this machine has.

`python3 test/agent/environments.py [MINOR ...]` makes what is missing and prints `{minor: interpreter}` as JSON.
They lie in the test bed's cache folder, outside the clone, and are made anew when PACKAGES changes.
"""

import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys

MINORS = ("3.9", "3.11", "3.13")
# promptflow 1.18.2 is the last for Python 3.9; keyrings.alt lets `pf connection create` work without a desktop.
PROMPTFLOW = {"3.9": "1.18.2", "3.11": "1.18.5", "3.13": "1.18.5"}
TOOLS = "1.6.1"
PACKAGES = ["promptflow-tools==" + TOOLS, "pandas<3", "keyrings.alt"]


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.environ.get("PF_SESSION_BED_DIR") or os.path.join(base, "pf-session-bed")


def interpreter(minor):
    """The machine's own Python of that minor version, or None. pyenv's shims fail for versions that are not chosen."""
    candidates = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/%s.*/bin/python" % minor)), reverse=True)
    candidates += [shutil.which("python" + minor), "/usr/bin/python" + minor, shutil.which("python3"), sys.executable]
    check = "import sys, ensurepip, venv; sys.exit('%d.%d' % sys.version_info[:2] != sys.argv[1])"
    for candidate in filter(None, candidates):
        try:
            if subprocess.call([candidate, "-c", check, minor], stderr=subprocess.DEVNULL) == 0:
                return candidate
        except OSError:
            continue
    return None


def uv():
    target = os.path.join(cache_dir(), "uv")
    program = os.path.join(target, "bin", "uv")
    if not os.path.exists(program):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", target, "uv"]
        subprocess.check_call(pip, stdout=sys.stderr)
    return program


def ensure(minor):
    """The environment's interpreter, made if need be, with a Python that uv brings where the machine has none."""
    folder = os.path.join(cache_dir(), "python", minor)
    python = os.path.join(folder, "bin", "python")
    wanted = ["promptflow==" + PROMPTFLOW[minor], *PACKAGES]
    stamp = os.path.join(folder, "pf-session-" + hashlib.sha256(" ".join(wanted).encode()).hexdigest()[:16])
    if os.path.exists(stamp):
        return python
    base = interpreter(minor) or minor
    print("making %s with %s" % (folder, " ".join(wanted)), file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    environment = dict(os.environ, UV_SYSTEM_CERTS="1", UV_CACHE_DIR=os.path.join(cache_dir(), "uv-cache"))
    try:
        make(base, folder, python, wanted, environment)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(folder, ignore_errors=True)
        sys.exit(
            "There is no usable Python %s here (%s). Install it: the tests need each of %s." % (minor, error, MINORS)
        )
    with open(stamp, "w"):
        return python


def make(base, folder, python, wanted, environment):
    for command in (
        [uv(), "venv", "--quiet", "--seed", "--python", base, folder],
        [uv(), "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *wanted],
    ):
        subprocess.check_call(command, env=environment, stdout=sys.stderr)


def main():
    print(json.dumps({minor: ensure(minor) for minor in sys.argv[1:] or MINORS}))


if __name__ == "__main__":
    main()
