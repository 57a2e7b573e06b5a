"""User names and tokens in URLs: kept out of every text and environment block that others may read."""

import re
from urllib.parse import unquote

_URL = re.compile(
    r"(?P<head>\b[a-zA-Z][a-zA-Z0-9+.-]*://)(?P<user>[^/\s@:'\"]*)(?::(?P<secret>[^/\s@'\"]*))?@(?P<host>[^/\s:?#'\"]+)"
)
_SECRET_NAME = re.compile(r"TOKEN|PASSWORD|PASSWD|SECRET|APIKEY|API_KEY|CREDENTIAL", re.IGNORECASE)
# A netrc file quotes nothing: only these travel through it unharmed.
_NETRC_SAFE = re.compile(r"[A-Za-z0-9._~+/=!@$%^&*:,-]+\Z")
_SHORTEST = 4
_HIDDEN = "****"


def has_credentials(text):
    return any(_is_secret(found) for found in _URL.finditer(text))


def without_credentials(text):
    return _URL.sub(lambda found: found.group("head") + found.group("host") if _is_secret(found) else found[0], text)


def split(url):
    """A URL of the web without its credentials, and those: [(scheme and host, line of a git credential file)]."""
    found = _URL.match(url)
    if not found or not _is_secret(found) or found.group("head").lower() not in ("http://", "https://"):
        return url, []
    port = re.match(r":\d+", url[found.end() :])
    site = found.group("head") + found.group("host") + (port.group() if port else "")
    line = "%s%s:%s@%s" % (found.group("head"), found.group("user"), found.group("secret") or "", site.split("//")[1])
    return without_credentials(url), [(site, line)]


def _is_secret(found):
    """`git@host` names no secret, `TOKEN@host` of the web does; `${NAME}` is put in by pip."""
    whole = found.group("user") + (found.group("secret") or "")
    if "${" in whole or not whole:
        return False
    return found.group("secret") is not None or found.group("head").lower().startswith("http")


class Credentials:
    """What the texts of one operation hold. pip gets it by a netrc file, so that it stands in no text and no argument.

    Two different ones for one host cannot be told apart there and stay where they are.
    """

    def __init__(self, texts):
        self._hosts = {}
        self.secrets = set()
        for text in texts:
            for found in _URL.finditer(text):
                if _is_secret(found):
                    self._learn(found)

    @property
    def any(self):
        return bool(self._hosts)

    def _learn(self, found):
        user, secret, host = found.group("user"), found.group("secret"), found.group("host").lower()
        plain = (unquote(user), unquote(secret or ""))
        self.secrets.update(value for value in (secret or user, plain[1] or plain[0]) if len(value) >= _SHORTEST)
        movable = found.group("head").lower() in ("http://", "https://") and all(map(_NETRC_SAFE.match, plain))
        known = self._hosts.setdefault(host, plain if movable else None)
        if known != plain or not movable:
            self._hosts[host] = None

    def strip(self, text):
        """The text without those that the netrc file holds."""

        def replace(found):
            known = self._hosts.get(found.group("host").lower())
            return found.group("head") + found.group("host") if known and _is_secret(found) else found.group(0)

        return _URL.sub(replace, text)

    def netrc(self):
        """Lines of a netrc file; "" when there is nothing for it."""
        known = [(host, pair) for host, pair in self._hosts.items() if pair]
        return "".join("machine %s login %s password %s\n" % (host, pair[0], pair[1]) for host, pair in known)


class Scrubber:
    """Takes secrets out of text: the given ones, and whatever stands before the @ of a URL."""

    def __init__(self, secrets=(), environment=None):
        named = [value for name, value in (environment or {}).items() if _SECRET_NAME.search(name)]
        found = {value for value in [*secrets, *named] if len(value) >= _SHORTEST}
        # Longer ones first: one may be a part of another.
        self._known = sorted(found, key=len, reverse=True)

    def __call__(self, text):
        for secret in self._known:
            text = text.replace(secret, _HIDDEN)
        return _URL.sub(self._hide, text) if "@" in text else text

    @staticmethod
    def _hide(found):
        return found.group("head") + _HIDDEN + "@" + found.group("host") if _is_secret(found) else found.group(0)
