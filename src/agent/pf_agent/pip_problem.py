"""Why pip failed, told from what it printed: one kind, one sentence, one action, file and line if found."""

import re

from pf_agent.distributions import normalised
from pf_agent.pip_words import Words, place

_SPECIFIER = r"([A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?[^\s(;]*)"

_DISK = r"\[Errno (?:28|122)\]|No space left on device|Disk quota exceeded"
_TLS = (
    r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|certificate verify failed|confirming the ssl certificate"
    r"|SSL: |SSLError\("
)
_AUTH = (
    r"\b(?:401|403) (?:Client )?Error|HTTP error (?:401|403)|Credentials not correct"
    r"|\b40[13] (?:Unauthorized|Forbidden)|User for \S+:|407 Proxy Authentication"
)
_NETWORK = (
    r"NewConnectionError|Failed to establish a new connection|Name or service not known|Temporary failure in name "
    r"resolution|NameResolutionError|Failed to resolve|ReadTimeoutError|Read timed out|ConnectTimeoutError|timed out"
    r"|Connection refused|Connection reset|ProxyError|Network is unreachable|No route to host|RemoteDisconnected"
    r"|Connection aborted|HTTP error 5\d\d|\b5\d\d Server Error"
)
_CONFLICT = (
    r"Cannot install (.+?) because these package versions have conflicting dependencies|ResolutionImpossible"
    r"|Double requirement given: ([\w.-]+)|The conflict is caused by"
)
_CAUSE = r"^\s{4}(?:The user requested (?:\(constraint\) )?)?([A-Za-z0-9][\w.-]*)"
_NO_VERSION = r"No matching distribution found for %s" % _SPECIFIER
_WRONG_PYTHON = r"requires a different Python|is not a supported wheel on this platform|not in '[<>=!]"
_BUILD = (
    r"Failed building wheel for (\S+)|Could not build wheels for ([^,\s]+)|Failed to build (?:installable wheels for )?"
    r"['\"]?([\w.-]+)|subprocess-exited-with-error|metadata-generation-failed|Command errored out with exit status"
    r"|Getting requirements to build|Preparing metadata .* error|setup\.py egg_info did not run|BackendUnavailable"
)
_BUILD_NEEDS = r"installing build dependencies.*\n?.*error|pip subprocess to install (?:build|backend) dependencies"
_BUILD_CAUSE = (
    r"fatal error: |^\s*error: (?!subprocess|metadata|legacy|command)|\b\w*(?:Error|Exception): |not found$|No matching"
)
_SYNTAX = (
    r"Invalid requirement|no such option|Error parsing|Could not open requirements file|Expected package name"
    r"|RequirementsFileParseError|Hint: It looks like a path|does not appear to be a Python project|Invalid URL"
    r"|Could not parse|is not installable|should (?:either be a path|start with)|option requires|Invalid marker"
    r"|must be pinned|must have their versions pinned|hash-checking mode|UnicodeDecodeError"
)


def problem_of(lines, requirements):
    """The InstallProblem of a pip that failed."""
    words = Words(lines, requirements)
    for judge in (_disk, _syntax, _conflict, _wrong_python, _build_needs, _no_version, _build, _reach):
        found = judge(words)
        if found:
            break
    else:
        line = next((line for line in reversed(lines) if re.match(r"\s*error", line, re.IGNORECASE)), "")
        said = re.sub(r"^\s*error:\s*", "", line or (lines[-1] if lines else ""), flags=re.IGNORECASE)
        found = problem("other", [], "pip failed: %s" % (said[:500] or "it said nothing."), "Show the log")
    file, line = place(words, found)
    return {**found, "file": file, "line": line}


def unreached(lines):
    """Which index could not be reached and why, as the parts of an InstallProblem that tell it; None: all could be.

    For a talkative pip, whose debug output names all sorts of things.
    """
    telling = [line for line in lines if re.search(r"Could not fetch URL|^\s*(?:WARNING|ERROR): ", line)]
    found = _reach(Words(telling, None))
    return found and {key: found[key] for key in ("kind", "message", "action")}


def problem(kind, packages, message, action, file=None, line=None):
    return {
        "kind": kind,
        "packages": packages,
        "message": message,
        "action": action,
        "file": file,
        "line": line,
    }


def _disk(words):
    if words.search(_DISK):
        return problem("disk", [], "There is no space left on the session's disk.", "Free space, then install again")
    return None


def _syntax(words):
    if not words.search(_SYNTAX):
        return None
    said = words.said(_SYNTAX)
    return problem("syntax", [], "pip cannot read the requirements: %s" % said, "Correct the line")


def _conflict(words):
    found = words.search(_CONFLICT)
    if not found:
        return None
    packages = re.findall(_CAUSE, words.text, re.M)
    packages += [found.group(2)] if found.group(2) else []
    if found.group(1):
        packages += re.split(r",\s*| and ", re.sub(r"-r .*?\(line \d+\)", "", found.group(1)))
    names = _names(packages)
    about = " (%s)" % ", ".join(names) if names else ""
    message = "The requirements contradict each other%s." % about
    return problem("conflict", names, message, "Loosen or align the versions of these packages")


def _wrong_python(words):
    if not words.search(_WRONG_PYTHON) or words.search(r"from versions: (?!none)"):
        return None
    found = words.search(r"Package '([\w.-]+)' requires|ERROR: (\S+?)-[^-\s]+-\S+\.whl is not a supported")
    names = _names([found.group(1) or found.group(2)] if found else [])
    message = "%s: %s" % (names[0] if names else "A requirement", words.said(_WRONG_PYTHON))
    return problem("no-version", names, message, "Choose a version for this Python, or an image with another Python")


def _no_version(words):
    found = words.search(_NO_VERSION)
    if not found:
        return None
    wanted = found.group(1)
    versions = words.search(r"from versions: ([^)\n]*)\)")
    listed = [] if not versions or versions.group(1).strip() == "none" else versions.group(1).split(", ")
    if listed:
        newest = ", ".join(listed[-5:])
        message = "There is no version of %s for this Python; there are %s." % (wanted, newest)
        return problem("no-version", _names([wanted]), message, "Choose one of these versions")
    reached = _reach(words)
    if reached:
        return {**reached, "packages": _names([wanted])}
    if words.search(r"Ignored the following versions that require a different python"):
        message = "No version of %s runs on this Python." % wanted
        return problem("no-version", _names([wanted]), message, "Use an image with another Python")
    message = "The index has no package %s." % _names([wanted])[0]
    return problem("not-found", _names([wanted]), message, "Correct the name, or add the index that has it")


def _build_needs(words):
    """What a build needs could not be had: an index problem inside of a build."""
    return _build(words) if words.search(_BUILD_NEEDS) else None


def _build(words):
    found = words.search(_BUILD)
    if not found:
        return None
    named = [name for name in re.search(_BUILD, words.text).groups() if name]
    if not named:
        last = re.findall(r"^\s{0,2}(?:Collecting|Building wheel for|Processing) %s" % _SPECIFIER, words.text, re.M)
        named = last[-1:]
    names = _names(named)
    subject = names[0] if names else "A package"
    reached = _reach(words) if words.search(_BUILD_NEEDS) else None
    if reached:
        return {**reached, "packages": names}
    why = words.first_line(_BUILD_CAUSE).strip()
    message = "%s could not be built%s" % (subject, ": %s" % why[:300] if why else ".")
    return problem("build", names, message, "Choose a version that has a wheel, or an image with what its build needs")


def _reach(words):
    if words.search(_TLS):
        action = "Give the session the CA certificate of your network"
        return problem("tls", [], "The certificate of %s is not trusted in the session." % words.host(_TLS), action)
    if words.search(_AUTH):
        message = "The credentials for %s are missing or refused." % words.host(_AUTH)
        return problem("auth", [], message, "Give a token for this index")
    if words.search(_NETWORK):
        action = "Check network and proxy, then install again"
        return problem("network", [], "The session cannot reach %s." % words.host(_NETWORK), action)
    return None


def _names(specifiers):
    found = []
    for specifier in specifiers:
        name = re.match(r"[A-Za-z0-9][\w.-]*", specifier)
        plain = normalised(name.group(0)).strip("-") if name else ""
        if plain and plain not in found and plain not in ("r", "the", "user"):
            found.append(plain)
    return found
