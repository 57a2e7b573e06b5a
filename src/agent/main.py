"""Entry of the agent: `python -S -E main.py CONFIG`.

A start waits for the hello, so nothing that the hello does not need is imported before it is out.
"""

import sys

sys.dont_write_bytecode = True

from pf_agent import start  # noqa: E402


def main(arguments):
    if len(arguments) != 1:
        sys.stderr.write("usage: main.py CONFIG\n")
        return 2
    try:
        greeting = start.begin(arguments[0])
    except start.StartError as error:
        sys.stderr.write("pf-session-agent: %s\n" % error)
        return error.code
    from pf_agent.groundwork import Groundwork

    groundwork = Groundwork(greeting).begin()
    from pf_agent.session import Session

    return Session(groundwork).serve()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
