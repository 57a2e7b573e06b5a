"""Runs the runner's tests with one interpreter's promptflow: `python3 run.py INTERPRETER [NAME ...]`."""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def main(python, names):
    os.environ["PF_RUNNER_PYTHON"] = python
    sys.path.insert(0, HERE)
    loader = unittest.defaultTestLoader
    tests = loader.loadTestsFromNames(names) if names else loader.discover(HERE, "test_*.py", HERE)
    result = unittest.TextTestRunner(verbosity=1).run(tests)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print("%d passed, %d failed" % (result.testsRun - failed, failed))
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
