"""Connections come with the request and live in memory; promptflow's other ways to one lead to the same."""

from promptflow.connections import ConnectionProvider
from promptflow.core import _prompty_utils
from promptflow.core._connection_provider._dict_connection_provider import DictConnectionProvider


class ConnectionNotFoundError(Exception):
    """Named as the class that `pf` reports for it."""


def given(asked):
    """Connections as promptflow's dict provider takes them: each knows its own name."""
    return {
        name: dict({"module": "promptflow.connections"}, **value, name=name) for name, value in (asked or {}).items()
    }


def require(names, there):
    for name in sorted(names):
        if name not in there:
            raise ConnectionNotFoundError("Connection %r is not found." % name)


def provide(there):
    """For flex flows, model configurations and prompty, which ask a global provider or the local store."""
    provider = DictConnectionProvider({name: dict(value) for name, value in there.items()})
    ConnectionProvider._instance = provider

    def by_name(name):
        require([name], there)
        # As promptflow's own gives it: a plain dict, and the type by its name in connection files.
        return dict(there[name]["value"]), getattr(provider.get(name), "TYPE", there[name]["type"])

    _prompty_utils.get_connection_by_name = by_name
