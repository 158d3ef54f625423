"""Renders values within limits, without running any code of the program. Part of trace; changes nothing."""

from .values import (
    EXCEPTION_ARGS,
    FUNCTION,
    INSTANCE,
    MODULE,
    NONE,
    SCALARS,
    TYPE_MODULE,
    TYPE_NAME,
    NotFound,
    class_attribute,
    instance_dict,
    type_name,
)

MASKED = "<masked>"
MASKS = ("passwd", "password", "passphrase", "secret", "token", "credential", "authorization", "cookie")
MAX_DIGIT_BITS = 2000
MAX_LOOKED_AT = 10_000


class ValueFormatter:
    """Renders values within limits, under names that may mean that nobody else should see them."""

    def __init__(self, depth, items, chars, masked):
        self.depth = depth
        self.items = items
        self.chars = chars
        self.masked = masked
        self.known = {}

    def is_hidden(self, name):
        """Whether the name, an exact str, says that nobody else should see the value."""
        hidden = self.known.get(name)
        if hidden is None:
            lower = name.lower()
            hidden = self.masked and (lower.endswith("key") or any(word in lower for word in MASKS))
            if len(self.known) < MAX_LOOKED_AT:
                self.known[name] = hidden
        return hidden

    def format_named(self, name, value):
        return (type_name(type(value)), MASKED) if self.is_hidden(name) else self.format(value)

    def format(self, value):
        """The name of its type, and its text."""
        kind = type(value)
        if kind is int:
            return "int", self.number(value)
        if kind is str:
            return "str", self.text(value)
        if kind is float or kind is bool or kind is NONE:
            return TYPE_NAME(kind), repr(value)
        text = self.render(value, self.depth, ())
        return type_name(kind), text if len(text) <= self.chars * 2 else text[: self.chars * 2] + "…"

    def number(self, value):
        return repr(value) if value.bit_length() < MAX_DIGIT_BITS else "<int of %d bits>" % value.bit_length()

    def text(self, value):
        return repr(value) if len(value) <= self.chars else repr(value[: self.chars]) + "…"

    def render(self, value, depth, above):
        kind = type(value)
        if kind is int:
            return self.number(value)
        if kind is str or kind is bytes:
            return self.text(value)
        if kind is bytearray:
            return "bytearray(%s)" % self.text(bytes(value[: self.chars + 1]))
        if id(kind) in SCALARS or kind is range:
            return repr(value)
        for base, opening, closing in CONTAINERS:
            if kind is base:
                return self.inside(value, opening, closing, (depth, above))
        return self.other(value, kind, (depth, above))

    def inside(self, value, opening, closing, where):
        depth, above = where
        if any(value is one for one in above):
            return opening + "…" + closing
        if not value:
            return "set()" if type(value) is set else opening + closing
        if depth == 0:
            return opening + "…" + closing
        above = (*above, value)
        pieces = []
        size = 0
        # A copy, made in one step: other threads go on meanwhile.
        for one in (
            (list(value.items()) if len(value) <= MAX_LOOKED_AT else []) if type(value) is dict else self.first(value)
        ):
            if len(pieces) >= self.items or size > self.chars:
                break
            pieces.append(
                self.entry(one, (depth - 1, above)) if type(value) is dict else self.render(one, depth - 1, above)
            )
            size += len(pieces[-1])
        if len(pieces) < len(value):
            pieces.append("…")
        text = ", ".join(pieces)
        return opening + (text + "," if type(value) is tuple and len(value) == 1 else text) + closing

    def first(self, value):
        if type(value) is list or type(value) is tuple:
            return value[: self.items]
        return list(value) if len(value) <= MAX_LOOKED_AT else []

    def entry(self, pair, where):
        key, value = pair
        hidden = type(key) is str and self.is_hidden(key)
        return self.render(key, *where) + ": " + (MASKED if hidden else self.render(value, *where))

    def other(self, value, kind, where):
        if issubclass(kind, type):
            return "<class '%s'>" % type_name(value)
        if kind is FUNCTION:
            return "<function %s>" % FUNCTION.__dict__["__qualname__"].__get__(value)
        if kind is MODULE:
            return "<module '%s'>" % MODULE.__dict__["__dict__"].__get__(value).get("__name__", "?")
        if issubclass(kind, BaseException):
            arguments = EXCEPTION_ARGS(value)
            return "%s(%s)" % (TYPE_NAME(kind), ", ".join(self.render(one, 0, ()) for one in arguments[: self.items]))
        if TYPE_MODULE(kind) in ("datetime", "decimal") and self.has_plain_repr(value, kind):
            return repr(value)
        return self.instance(value, kind, where)

    def has_plain_repr(self, value, kind):
        # A time's zone may be of a class of the program.
        zone = INSTANCE(value, "tzinfo") if class_attribute(kind, "tzinfo") is not NotFound else None
        standard = type(class_attribute(kind, "__repr__")) is not FUNCTION
        return standard and (zone is None or TYPE_MODULE(type(zone)) == "datetime")

    def instance(self, value, kind, where):
        """`<Order id=7, total=3.5>`: the attributes that it has of its own."""
        depth, above = where
        names = instance_dict(value) if depth > 0 and not any(value is one for one in above) else None
        if not names:
            return "<%s at %#x>" % (type_name(kind), id(value))
        pieces = []
        for name, one in list(names.items())[: self.items]:
            if type(name) is str:
                hidden = self.is_hidden(name)
                pieces.append("%s=%s" % (name, MASKED if hidden else self.render(one, depth - 1, (*above, value))))
        if len(pieces) < len(names):
            pieces.append("…")
        return "<%s %s>" % (type_name(kind), ", ".join(pieces))


CONTAINERS = ((list, "[", "]"), (tuple, "(", ")"), (dict, "{", "}"), (set, "{", "}"), (frozenset, "frozenset({", "})"))


def format_value(value):
    return ValueFormatter(2, 20, 200, True).format(value)
