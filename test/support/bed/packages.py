"""Fills the folder of the test bed's package feed. Usage: packages.py FOLDER. README.md says what each is for.

Wheels and source archives are written by hand, so that nothing has to be there to build them; the source archives
carry their build backend in themselves, so that pip needs no other index to build them.
"""

import base64
import hashlib
import io
import os
import sys
import tarfile
import zipfile

FOLDER = sys.argv[1]

SLOW = """
import os, sys, tempfile, time
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open(os.path.join(tempfile.gettempdir(), 'pf-bed-slow.pid'), 'w') as marker:
        marker.write(str(os.getpid()))
    for second in range(60):
        print('pf-bed-slow: compiled', second, 'of 60 parts', flush=True)
        time.sleep(1)
    raise SystemExit('pf-bed-slow: nobody cancelled')
"""

BROKEN = """
import sys
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    print('running build_ext')
    print("building 'pf_bed_broken._speedups' extension")
    print("error: command 'gcc' failed: No such file or directory", file=sys.stderr)
    sys.exit(1)
"""

PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "{name}"
version = "{version}"
"""


def metadata(name, version, requires=()):
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Summary: Made by the test bed"]
    return "\n".join(lines + [f"Requires-Dist: {each}" for each in requires]) + "\n"


def wheel(name, version, requires=(), scripts=None, extra=None):
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}/__init__.py": f'__version__ = "{version}"\n',
        f"{info}/METADATA": metadata(name, version, requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: bed\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files.update(extra or {})
    if scripts:
        files[f"{info}/entry_points.txt"] = "[console_scripts]\n" + scripts
    record = "".join(f"{path},sha256={digest(raw(text))},{len(raw(text))}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(os.path.join(FOLDER, f"{module}-{version}-py3-none-any.whl"), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, raw(text))


def raw(text):
    return text if isinstance(text, bytes) else text.encode()


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def source(name, version, backend):
    top = f"{name.replace('-', '_')}-{version}"
    hook = "\ndef prepare_metadata_for_build_wheel(directory, config_settings=None):\n"
    info = f"{top}.dist-info"
    hook += f"    import os\n    os.mkdir(os.path.join(directory, '{info}'))\n"
    hook += f"    with open(os.path.join(directory, '{info}', 'METADATA'), 'w') as file:\n"
    hook += f"        file.write({metadata(name, version)!r})\n    return '{info}'\n"
    files = {
        "PKG-INFO": metadata(name, version),
        "pyproject.toml": PYPROJECT.format(name=name, version=version),
        "backend.py": backend + hook,
    }
    with tarfile.open(os.path.join(FOLDER, f"{top}.tar.gz"), "w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size = len(raw(text))
            archive.addfile(member, io.BytesIO(raw(text)))


def main():
    os.makedirs(FOLDER, exist_ok=True)
    wheel("pf-bed-good", "1.0")
    wheel("pf-bed-good", "2.0")
    wheel("pf-bed-modern", "1.0", ["pf-bed-good>=2"])
    wheel("pf-bed-conflict", "1.0", ["pf-bed-good<2", "pf-bed-modern"])
    wheel("pf-bed-big", "1.0", extra={"pf_bed_big/data.bin": os.urandom(20_000_000)})
    command = 'import sys\n\n\ndef main():\n    print("pf-bed-tool", *sys.argv[1:], sys.executable)\n'
    wheel("pf-bed-tool", "1.0", scripts="pf-bed-tool = pf_bed_tool.cli:main\n", extra={"pf_bed_tool/cli.py": command})
    source("pf-bed-broken", "1.0", BROKEN)
    source("pf-bed-slow", "1.0", SLOW)


main()
