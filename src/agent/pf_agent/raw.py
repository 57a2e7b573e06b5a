"""A result that is JSON text already."""


class RawJson:
    """A JSON value as pieces of its text, in order; forwarded without being parsed or joined.

    `parts`: iterator of str, each of any length; ASCII (`\\uXXXX` for the rest) is the cheapest to pass on. It is
    consumed once, in the thread of the request. NaN and Infinity must not occur: clients in JavaScript refuse them.
    """

    __slots__ = ("parts",)

    def __init__(self, parts):
        self.parts = parts
