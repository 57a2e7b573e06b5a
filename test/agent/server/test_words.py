"""What is made of pip's words and of texts with secrets, without a pip."""

import os
import unittest

from support import AgentTest, write

# isort: split
from pf_agent.credentials import Credentials, Scrubber
from pf_agent.launchers import scripts
from pf_agent.pip_command import PipEnvironment
from pf_agent.pip_problem import problem_of
from pf_agent.requirements import Requirements

TLS = """\
Looking in indexes: https://mirror.example/simple, https://pypi.org/simple
WARNING: Retrying (Retry(total=4)) after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: \
CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate'))': /simple/six/
Could not fetch URL https://pypi.org/simple/six/: There was a problem confirming the ssl certificate: \
HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded - skipping
ERROR: Could not find a version that satisfies the requirement six (from versions: none)
ERROR: No matching distribution found for six
"""
DNS = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3>: Failed to \
establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/six/
ERROR: Could not find a version that satisfies the requirement six==1.16 (from versions: none)
ERROR: No matching distribution found for six==1.16
"""
FORBIDDEN = """\
Collecting six
ERROR: HTTP error 403 while getting https://feed.example/files/six-1.16.0.whl (from https://feed.example/simple/six/)
ERROR: 403 Client Error: Forbidden for url: https://feed.example/files/six-1.16.0.whl
"""
DISK = """\
Collecting six
ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device
"""
OLD_BUILD = """\
Collecting pycrypto==2.6.1
    ERROR: Command errored out with exit status 1:
    src/_fastmath.c:31:10: fatal error: Python.h: No such file or directory
    error: command 'gcc' failed with exit status 1
ERROR: Failed building wheel for pycrypto
"""
NEW_BUILD = """\
Collecting uwsgi (from -r requirements.txt (line 2))
  error: subprocess-exited-with-error
  x python setup.py egg_info did not run successfully.
      Exception: you need a C compiler to build uWSGI
error: metadata-generation-failed
"""
BUILD_WITHOUT_NETWORK = """\
Collecting thing (from -r requirements.txt (line 1))
  Installing build dependencies: finished with status 'error'
  error: subprocess-exited-with-error
  x pip subprocess to install build dependencies did not run successfully.
      WARNING: Retrying after connection broken by 'ConnectTimeoutError(host='pypi.org')'
      ERROR: No matching distribution found for setuptools>=40
"""
OLD_CONFLICT = """\
ERROR: Cannot install -r requirements.txt (line 1) and six==1.15 because these package versions have conflicting \
dependencies.

The conflict is caused by:
    The user requested six==1.16
    The user requested six==1.15
ERROR: ResolutionImpossible: for help visit https://pip.pypa.io
"""
DOUBLE = """\
ERROR: Double requirement given: six==1.16 (from -r requirements.txt (line 2)) (already in six==1.15 (from -r \
requirements.txt (line 1)), name='six')
"""
INVALID = "ERROR: Invalid requirement: 'six =>1' (from line 2 of requirements.txt)\n"
OLD_PYTHON = """\
ERROR: Ignored the following versions that require a different python version: 2.0 Requires-Python >=3.10
ERROR: Could not find a version that satisfies the requirement thing==2.0 (from versions: 1.0, 1.1)
ERROR: No matching distribution found for thing==2.0
"""
HASHES = "ERROR: Hashes are required in --require-hashes mode, but they are missing from some requirements.\n"
INTERNAL = "ERROR: Exception:\nTraceback (most recent call last):\nERROR: something of pip's own\n"


class Problems(AgentTest):
    def judge(self, output, text=""):
        path = write(os.path.join(self.folder, "requirements.txt"), text)
        requirements = Requirements({"path": path, "files": {path: text}}, self.folder, self.folder, str)
        found = problem_of(output.splitlines(), requirements)
        self.assertEqual(found["file"] is None, found["line"] is None)
        return found

    def check(self, output, kind, packages, line=None, text="", words=""):
        found = self.judge(output, text)
        self.assertEqual((found["kind"], found["packages"], found["line"]), (kind, packages, line), found)
        self.assertIn(words, found["message"])

    def test_kinds(self):
        self.check(TLS, "tls", ["six"], 2, "# x\nSix\n", "pypi.org")
        self.check(DNS, "network", ["six"])
        self.check(FORBIDDEN, "auth", [], words="feed.example")
        self.check(DISK, "disk", [])
        self.check(OLD_BUILD, "build", ["pycrypto"], 1, "PyCrypto==2.6.1", "Python.h")
        self.check(NEW_BUILD, "build", ["uwsgi"], 2, words="uwsgi")
        self.check(BUILD_WITHOUT_NETWORK, "network", ["thing"], 1, words="pypi.org")
        self.check(OLD_CONFLICT, "conflict", ["six"], 1, "six==1.16\nsix==1.15\n")
        self.check(DOUBLE, "conflict", ["six"], 2)
        self.check(INVALID, "syntax", [], 2, words="six =>1")
        self.check(OLD_PYTHON, "no-version", ["thing"], 3, "\n\nThing == 2.0 ; python_version>'3'\n", "1.0, 1.1")
        self.check(HASHES, "other", [], words="Hashes are required")
        self.check(INTERNAL, "other", [], words="something of pip's own")
        self.check("", "other", [], words="it said nothing")


class Secrets(unittest.TestCase):
    def test_credentials_move_to_netrc_where_they_can(self):
        text = "-i https://me:t0k%40n@feed.example/simple\nsix @ https://me:t0k%40n@feed.example/six.whl\n"
        credentials = Credentials([text])
        plain = "-i https://feed.example/simple\nsix @ https://feed.example/six.whl\n"
        self.assertEqual(credentials.strip(text), plain)
        self.assertEqual(credentials.netrc(), "machine feed.example login me password t0k@n\n")
        self.assertEqual(credentials.secrets, {"t0k%40n", "t0k@n"})

    def test_what_netrc_cannot_hold_stays(self):
        for text in (
            "-i https://a:one1@h.example/x\n-i https://b:two2@h.example/y\n",
            "-i https://onlyatoken@h.example/x\n",
            "-i https://me:with%20blank@h.example/x\n",
        ):
            credentials = Credentials([text])
            self.assertEqual((credentials.strip(text), credentials.netrc()), (text, ""))
            self.assertTrue(credentials.secrets)

    def test_no_secrets(self):
        for text in (
            "git+ssh://git@github.com/x/y.git",
            "https://${TOKEN}@h/x",
            "https://u:${TOKEN}@h/x",
            "me@example.com",
        ):
            self.assertFalse(Credentials([text]).secrets, text)
            self.assertEqual(Scrubber()(text), text)

    def test_scrubbing(self):
        scrub = Scrubber({"s3cret", "s3cret-longer", "no"}, {"FEED_TOKEN": "abcd", "PIP_TIMEOUT": "1800"})
        said = scrub("s3cret-longer s3cret abcd 1800 no https://u:p@h/x http://tok@h:1/")
        self.assertEqual(said, "**** **** **** 1800 no https://****@h/x http://****@h:1/")


class Environment(AgentTest):
    def test_a_token_that_must_stay_in_an_index_url_goes_into_a_file(self):
        given = {"PIP_INDEX_URL": "https://onlyatoken@h.example/%7Ex", "PIP_EXTRA_INDEX_URL": "https://u:pw12@i/x"}
        config = write(os.path.join(self.folder, "image.conf"), "[global]\ntimeout = 7\nindex-url = https://old/\n")
        session = {"HOME": self.folder, "PIP_CONFIG_FILE": config, "PIP_TARGET": "/x", "PIP_CACHE_DIR": "/cache"}
        write(os.path.join(self.folder, ".netrc"), "machine own login me password mine\n")
        pip = PipEnvironment((23, 0), session, given, [], self.folder)
        self.assertFalse({"PIP_TARGET", "PIP_INDEX_URL"} & set(pip.variables))
        self.assertEqual(pip.variables["PIP_EXTRA_INDEX_URL"], "https://i/x")
        self.assertEqual(pip.variables["PIP_CACHE_DIR"], "/cache")
        with open(pip.variables["PIP_CONFIG_FILE"]) as file:
            self.assertEqual(file.read(), "[global]\ntimeout = 7\nindex-url = https://onlyatoken@h.example/%7Ex\n\n")
        with open(pip.variables["NETRC"]) as file:
            self.assertEqual(file.read(), "machine i login u password pw12\nmachine own login me password mine\n")
        for name in ("PIP_CONFIG_FILE", "NETRC"):
            self.assertEqual(os.stat(pip.variables[name]).st_mode & 0o777, 0o600)

    def test_an_old_pip_knows_no_netrc_variable(self):
        given = {"PIP_INDEX_URL": "https://u:pw12@i/x"}
        pip = PipEnvironment((20, 0, 2), {"HOME": self.folder}, given, [], self.folder)
        self.assertNotIn("NETRC", pip.variables)
        with open(pip.variables["PIP_CONFIG_FILE"]) as file:
            self.assertIn("index-url = https://u:pw12@i/x", file.read())


class EntryPoints(unittest.TestCase):
    def test_console_and_gui_scripts(self):
        text = "[console_scripts]\na = m.n:f\n b-c=m:o.f [extra]\n# x\n[other]\nd = m:f\n[gui_scripts]\ne = m:g\n"
        text += "[console_scripts]\npython = m:evil\n../up = m:f\n"
        self.assertEqual(list(scripts(text)), [("a", "m.n", "f"), ("b-c", "m", "o.f"), ("e", "m", "g")])


if __name__ == "__main__":
    unittest.main()
