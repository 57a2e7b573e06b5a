"""The agent's tests on the oldest, a common and the newest Python: `python3 test/agent/run.py [MINOR ...]`.

server: the agent's socket, lock, layer, installs. runner: runs in forked children. fidelity: against `pf flow test`.
Prints the counts of each and, last, `N passed, N failed`.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import time

import environments

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
UNITTEST = re.compile(r"^Ran (\d+) tests? in .*\n+(OK|FAILED)(?: \((.*)\))?", re.MULTILINE)
SUITES = {
    "server": ["-m", "unittest", "discover", "-s", os.path.join(HERE, "server"), "-t", os.path.join(HERE, "server")],
    "runner": [os.path.join(HERE, "runner", "run.py")],
    "fidelity": [os.path.join(HERE, "fidelity", "run.py")],
}


def counts(output):
    """(passed, failed, skipped) by the suite's closing lines; (0, 1, 0) when it said nothing."""
    found = COUNTS.findall(output)
    if found:
        return tuple(int(number or 0) for number in found[-1])
    ran = UNITTEST.findall(output)
    if not ran:
        return 0, 1, 0
    total, _, rest = ran[-1]
    numbers = dict(re.findall(r"(\w+)=(\d+)", rest))
    bad = int(numbers.get("failures", 0)) + int(numbers.get("errors", 0))
    skipped = int(numbers.get("skipped", 0))
    return int(total) - bad - skipped, bad, skipped


def run(suite, minor, python):
    # The fidelity suite runs in any Python and drives the one that it is given.
    command = [python, *SUITES[suite]] + ([] if suite == "server" else [python])
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    passed, failed, skipped = counts(done.stdout)
    if done.returncode != 0 and not failed:
        failed = 1
    if failed or skipped:
        print(done.stdout, flush=True)
    took = time.monotonic() - began
    line = "%-9s Python %-5s %4d passed, %d failed (%.0f s)" % (suite, minor, passed, failed + skipped, took)
    print(line, flush=True)
    return passed, failed + skipped


def main(wanted):
    pythons = {minor: environments.ensure(minor) for minor in wanted or environments.MINORS}

    def run_all(minor):
        return [run(suite, minor, pythons[minor]) for suite in SUITES]

    # Side by side: they mostly wait.
    with concurrent.futures.ThreadPoolExecutor(len(pythons)) as workers:
        results = [result for results in workers.map(run_all, pythons) for result in results]
    passed, failed = (sum(column) for column in zip(*results))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
