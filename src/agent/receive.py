"""Takes a session's files from standard input and becomes its agent: `python -S -E -c SOURCE ROOT WORK`.

It is given to Python as text, because a container has no file of ours before. Each file comes as a line `SIZE PATH`
and its bytes; an empty line ends them. ROOT gets the files; WORK is made for the session's home and packages.
"""

import os
import sys

BEGIN = b"pf-session-files\n"
NO_FILES = 95
NO_FOLDER = 96


def read_line(source):
    line = source.readline()
    if not line:
        # Whoever was starting this session is gone.
        sys.exit(NO_FILES)
    return line


def receive(root, source):
    while read_line(source) != BEGIN:
        pass
    while True:
        line = read_line(source)
        if line == b"\n":
            return
        size, path = line.decode("utf-8").rstrip("\n").split(" ", 1)
        file = root + "/" + path
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(file, "wb") as target:
            target.write(source.read(int(size)))


def make_folder(work):
    try:
        os.makedirs(work + "/home", mode=0o755, exist_ok=True)
    except OSError as error:
        sys.stderr.write("The session has nowhere to keep its files: %s\n" % error)
        sys.exit(NO_FOLDER)


def main(root, work):
    with open(0, "rb", closefd=False) as source:
        receive(root, source)
    make_folder(work)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    agent = root + "/agent"
    sys.path[0] = agent
    sys.argv = [agent + "/main.py", root + "/config.json"]
    with open(sys.argv[0], encoding="utf-8") as file:
        code = compile(file.read(), sys.argv[0], "exec")
    exec(code, {"__name__": "__main__", "__file__": sys.argv[0]})


main(*sys.argv[1:])
