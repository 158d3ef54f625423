"""Reads attributes and items, compares and renders values without running any code of the program. Part of trace.

It changes nothing. A property, a `__getattr__`, a `__len__`, a `__eq__`, a `__repr__` of the program might block, fail
or have effects; where only such a thing could answer, `NotRun` is raised, whose text says what was not run. Types are
looked at through the type's own slots (`MRO`, `CLASS_DICT`), as a metaclass can answer for the usual names, and told
apart by identity, as it can answer for `hash` and `==` as well.
"""

import sys

MRO = type.__dict__["__mro__"].__get__
CLASS_DICT = type.__dict__["__dict__"].__get__
TYPE_NAME = type.__dict__["__name__"].__get__
TYPE_MODULE = type.__dict__["__module__"].__get__
EXCEPTION_ARGS = BaseException.__dict__["args"].__get__
INSTANCE = object.__getattribute__
FUNCTION = type(lambda: None)
MEMBER = type(FUNCTION.__dict__["__closure__"])
GETSET = type(FUNCTION.__dict__["__code__"])
MODULE = type(sys)
BUILTIN = type(len)

MASKED = "<masked>"
MASKS = ("passwd", "password", "passphrase", "secret", "token", "credential", "authorization", "cookie")
MAX_DIGIT_BITS = 2000
MAX_LOOKED_AT = 10_000


class NotRun(Exception):
    """Says what would have run code of the program."""


def ids(*kinds):
    return frozenset(map(id, kinds))


NONE = type(None)
NUMBERS = ids(int, float, bool, complex)
SCALARS = ids(int, float, bool, complex, str, bytes, NONE, type(...))
SIZED = ids(str, bytes, list, tuple, dict, set, frozenset, bytearray, range)
COLLECTIONS = ids(list, tuple, set, frozenset)
INDEXED = ids(list, tuple, str, bytes, bytearray, range)
# Their attributes are read by functions of C that do nothing else.
PLAIN_GETTERS = ("builtins", "datetime", "types")
# Binding these makes an object, and runs nothing.
BOUND_SAFELY = ids(
    FUNCTION,
    BUILTIN,
    staticmethod,
    classmethod,
    MEMBER,
    type(str.upper),
    type(object.__repr__),
    type(dict.__dict__["fromkeys"]),
)


def class_attribute(kind, name):
    """What the class of an object says of a name, or NotFound."""
    for owner in MRO(kind):
        names = CLASS_DICT(owner)
        if name in names:
            return names[name]
    return NotFound


class NotFound:
    """Stands for an attribute that is not there; never shown."""


def attribute(value, name):
    """The attribute as `value.name` gives it, where no code of the program has a say in that."""
    kind = type(value)
    if issubclass(kind, type):
        return attribute_of_class(value, name)
    found = class_attribute(kind, name)
    if found is not NotFound:
        owner = type(found)
        if id(owner) not in BOUND_SAFELY and class_attribute(owner, "__get__") is not NotFound:
            return attribute_behind(value, name, found)
    try:
        return INSTANCE(value, name)
    except AttributeError:
        if class_attribute(kind, "__getattr__") is not NotFound:
            raise NotRun("<%s.__getattr__: not run>" % TYPE_NAME(kind)) from None
        raise AttributeError("%s has no attribute %s" % (TYPE_NAME(kind), name)) from None


def attribute_behind(value, name, found):
    """The attribute where the class has a descriptor of this name."""
    owner = type(found)
    if owner is GETSET and TYPE_MODULE(found.__objclass__) in PLAIN_GETTERS:
        return INSTANCE(value, name)
    if class_attribute(owner, "__set__") is NotFound and class_attribute(owner, "__delete__") is NotFound:
        names = instance_dict(value)
        if names is not None and name in names:
            return names[name]
    raise NotRun("<%s %s: not run>" % (TYPE_NAME(owner), name))


def attribute_of_class(kind, name):
    if name in ("__name__", "__qualname__", "__module__"):
        return type.__dict__[name].__get__(kind)
    found = class_attribute(kind, name)
    if found is NotFound:
        raise AttributeError("class %s has no attribute %s" % (TYPE_NAME(kind), name))
    if id(type(found)) not in BOUND_SAFELY and class_attribute(type(found), "__get__") is not NotFound:
        raise NotRun("<%s %s: not run>" % (TYPE_NAME(type(found)), name))
    return found


def instance_dict(value):
    """The names of an instance; None where it has no dict, or where its class has put something before it."""
    found = class_attribute(type(value), "__dict__")
    if type(found) is not GETSET:
        return None
    names = found.__get__(value)
    return names if type(names) is dict else None


def length(value):
    kind = type(value)
    if id(kind) in SIZED:
        return len(value)
    for owner in MRO(kind):
        if "__len__" in CLASS_DICT(owner):
            if TYPE_MODULE(owner) in ("builtins", "collections") and type(CLASS_DICT(owner)["__len__"]) is not FUNCTION:
                return CLASS_DICT(owner)["__len__"](value)
            raise NotRun("<%s.__len__: not run>" % TYPE_NAME(kind))
    raise TypeError("object of type %s has no len()" % TYPE_NAME(kind))


def truth(value):
    kind = type(value)
    if id(kind) in SCALARS or id(kind) in SIZED:
        return bool(value)
    for name in ("__bool__", "__len__"):
        if class_attribute(kind, name) is not NotFound:
            if name == "__len__":
                return length(value) > 0
            raise NotRun("<%s.%s: not run>" % (TYPE_NAME(kind), name))
    return True


def plain(value, budget=200):
    """Whether equality, order and hash of it are those of built-in types, all the way down."""
    kind = type(value)
    if id(kind) in SCALARS or kind is range:
        return True
    if id(kind) in COLLECTIONS:
        return len(value) <= budget and all(plain(item, budget // 4) for item in value)
    if kind is dict:
        return len(value) <= budget and all(plain(key, 0) and plain(item, budget // 4) for key, item in value.items())
    return False


def by_identity(value):
    """Whether its class leaves equality as object has it."""
    return class_attribute(type(value), "__eq__") is object.__dict__["__eq__"]


def same(left, right):
    if left is right:
        return True
    if plain(left) and plain(right):
        return left == right
    if by_identity(left) and (by_identity(right) or plain(right)) or plain(left) and by_identity(right):
        return False
    unsafe = right if plain(left) else left
    raise NotRun("<%s.__eq__: not run>" % TYPE_NAME(type(unsafe)))


def contains(container, item):
    kind = type(container)
    if kind is str or kind is bytes or kind is range:
        if id(type(item)) not in SCALARS:
            raise TypeError("a %s cannot be in a %s" % (TYPE_NAME(type(item)), TYPE_NAME(kind)))
        return item in container
    if kind is dict or kind is set or kind is frozenset:
        return find_key(container, item) is not NotFound
    if kind is list or kind is tuple:
        if len(container) > MAX_LOOKED_AT:
            raise NotRun("<more than %d items: not searched>" % MAX_LOOKED_AT)
        return any(same(item, one) for one in container)
    raise NotRun("<%s.__contains__: not run>" % TYPE_NAME(kind))


def find_key(container, key):
    """What a dict or set has under the key. A lookup compares with every key of the same hash, whatever its class."""
    if not (plain(key) or by_identity(key) and class_attribute(type(key), "__hash__") is object.__dict__["__hash__"]):
        raise NotRun("<%s.__hash__: not run>" % TYPE_NAME(type(key)))
    if len(container) > MAX_LOOKED_AT:
        raise NotRun("<more than %d keys: not looked up>" % MAX_LOOKED_AT)
    is_dict = type(container) is dict
    if SCALARS.issuperset(map(id, map(type, container))):
        return (container.get(key, NotFound) if is_dict else key) if key in container else NotFound
    for one in container.items() if is_dict else ((one, one) for one in container):
        if one[0] is key or plain(one[0]) and plain(key) and one[0] == key:
            return one[1]
    return NotFound


def item(container, key):
    kind = type(container)
    if kind is dict:
        found = find_key(container, key)
        if found is NotFound:
            raise KeyError(show(key)[1])
        return found
    if id(kind) in INDEXED:
        if id(type(key)) in NUMBERS or type(key) is slice:
            return container[key]
        raise TypeError("%s indices must be integers or slices" % TYPE_NAME(kind))
    for base in (list, tuple):
        if issubclass(kind, base) and class_attribute(kind, "__getitem__") is base.__dict__["__getitem__"]:
            return base.__getitem__(container, key)
    raise NotRun("<%s.__getitem__: not run>" % TYPE_NAME(kind))


def is_instance(value, kinds):
    """By what the object is, not by what it or a metaclass claims."""
    ancestors = MRO(type(value))
    return any(kind is one for one in ancestors for kind in (kinds if type(kinds) is tuple else (kinds,)))


class Shower:
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

    def show_named(self, name, value):
        return (type_name(type(value)), MASKED) if self.is_hidden(name) else self.show(value)

    def show(self, value):
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
        for one in (list(value.items()) if len(value) <= MAX_LOOKED_AT else []) if type(value) is dict else self.first(value):
            if len(pieces) >= self.items or size > self.chars:
                break
            pieces.append(self.entry(one, (depth - 1, above)) if type(value) is dict else self.render(one, depth - 1, above))
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


def type_name(kind):
    module = TYPE_MODULE(kind)
    name = TYPE_NAME(kind)
    return name if module == "builtins" or type(module) is not str else module + "." + name


def show(value):
    return Shower(2, 20, 200, True).show(value)
