"""What pip printed, ready to be asked: what it said, of which host, about which line of which file."""

import os
import re

from pf_agent.distributions import normalised

_LINE_OF = re.compile(r"\(from -[rc] (?P<file>.+?) \(line (?P<line>\d+)\)")
_HOST = r"https?://(?:[^@\s/]*@)?([\w.-]+)|host='([\w.-]+)'"


class Words:
    """What pip printed, ready to be asked."""

    def __init__(self, lines, requirements):
        self.lines = lines
        self.requirements = requirements
        self.text = "\n".join(lines)

    def search(self, pattern):
        return re.search(pattern, self.text)

    def first_line(self, pattern):
        return next((line for line in self.lines if re.search(pattern, line)), "")

    def host(self, pattern):
        """Of the first address that a line with the pattern names; else of the only index."""
        lines = [line for line in self.lines if re.search(pattern, line)]
        named = [found for line in lines for found in re.findall(_HOST, line)]
        used = set(re.findall(_HOST, self.first_line(r"^Looking in indexes: ")))
        hosts = named or (list(used) if len(used) == 1 else [])
        return (hosts[0][0] or hosts[0][1]) if hosts else "the package index"

    def said(self, pattern):
        """A line of pip's without its level and the place it came from."""
        line = re.sub(r"^\s*(?:ERROR|WARNING|error|CRITICAL):\s*", "", self.first_line(pattern))
        return _LINE_OF.sub("", line).replace("))", ")").strip()[:500]


def place(words, found):
    """(file, line) of the requirement: by pip's own words, else the first line that names the package."""
    packages = found["packages"]
    named = [line for package in packages for line in words.lines if _mentions(line, package)]
    for line in words.lines if found["kind"] == "syntax" else named:
        said = _LINE_OF.search(line) or re.search(r"\(from line (?P<line>\d+) of (?P<file>.+?)\)", line)
        if said:
            return words.requirements.absolute(said.group("file")), int(said.group("line"))
    if packages:
        return words.requirements.find(r"(?i)^\s*%s(?![\w.-])" % re.escape(packages[0]).replace(r"\-", "[-_.]+"))
    return _named_in_error(words) if found["kind"] == "syntax" else (None, None)


def _mentions(line, subject):
    return bool(subject) and re.search(r"(?<![\w.-])%s(?![\w-])" % re.escape(subject), normalised(line)) is not None


def _named_in_error(words):
    """A line that pip quotes without saying where it stands: an unknown option, a file that is not there."""
    for pattern in (r"no such option: (\S+)", r"No such file or directory: '(.+?)'", r"File '(.+?)' does not exist"):
        found = words.search(pattern)
        if found:
            text = words.requirements.original(found.group(1))
            for candidate in (text, os.path.basename(text)):
                place = words.requirements.find(re.escape(candidate))
                if place[0]:
                    return place
    return (None, None)
