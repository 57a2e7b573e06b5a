"""Which shell a terminal runs, and how the session's PATH survives its start-up files."""

import os
import shlex

_BASH = """[ -f /etc/bash.bashrc ] && . /etc/bash.bashrc
[ -f ~/.bashrc ] && . ~/.bashrc
%s
"""
_ZSH = """ZDOTDIR=%s
[ -f "$ZDOTDIR/.zshrc" ] && . "$ZDOTDIR/.zshrc"
%s
"""


def command(environment, scratch):
    """(argv, environment) of an interactive shell; its start-up file is written below `scratch`.

    Not a login shell: /etc/profile would set PATH anew. The person's own start-up files may do so too, hence ours.
    """
    shell = choose(environment)
    first = "export PATH=%s:$PATH" % shlex.quote(environment.get("PATH", "").partition(":")[0])
    name = os.path.basename(shell)
    if name == "bash":
        path = os.path.join(scratch, "bashrc")
        write(path, _BASH % first)
        return [shell, "--rcfile", path, "-i"], environment
    if name == "zsh":
        folder = os.path.join(scratch, "zsh")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        own = environment.get("ZDOTDIR") or environment.get("HOME", "/")
        write(os.path.join(folder, ".zshrc"), _ZSH % (shlex.quote(own), first))
        return [shell, "-i"], {**environment, "ZDOTDIR": folder}
    return [shell, "-i"], environment


def choose(environment):
    """$SHELL, bash, sh: the first there is."""
    folders = ("/bin", "/usr/bin", "/usr/local/bin")
    known = [os.path.join(folder, name) for name in ("bash", "sh") for folder in folders]
    for path in [environment.get("SHELL", ""), *known]:
        runs = os.path.isabs(path) and os.access(path, os.X_OK)
        if runs and os.path.basename(path) not in ("nologin", "false"):
            return path
    return "/bin/sh"


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
