"""JSON for the moments before the hello: the `json` package imports `re` and `enum`, half of what a start takes."""


class _Context:
    strict = False
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo = {}


def loads(text):
    """A JSON text's value. Whatever the C scanner does not like is told by `json` itself."""
    text = text.strip("\ufeff \t\r\n")
    try:
        from _json import make_scanner

        value, end = make_scanner(_Context)(text, 0)
        if end == len(text):
            return value
    except Exception:  # noqa: BLE001 - a private module: anything may differ in a later Python
        pass
    import json

    return json.loads(text)


def dumps(value):
    """The JSON text of plain data."""
    try:
        from _json import encode_basestring_ascii
    except ImportError:
        import json

        return json.dumps(value)
    return _text(value, encode_basestring_ascii)


def _text(value, quote):
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, dict):
        return "{" + ", ".join([quote(k) + ": " + _text(v, quote) for k, v in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join([_text(item, quote) for item in value]) + "]"
    constants = {None: "null", True: "true", False: "false"}
    return constants[value] if value is None or isinstance(value, bool) else repr(value)
