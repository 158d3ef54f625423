"""Holds values whose class has a repr() of its own, over everything that Remora shows as repr() does.

Of each it says what should be shown: class and address where only code could tell, else what repr() says.
"""

import abc
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import pathlib
import sys
import types
import typing
import uuid
import weakref

from support import finished, ready, say


def hide(base, name="__repr__", text="<secrets hidden>"):
    """A subclass that shows something else; what is inside must not be shown in its place."""
    return type("Own" + base.__name__, (base,), {name: lambda self: text})


def plain(value):
    kind = type(value)
    return value, f"<{kind.__module__}.{kind.__qualname__} object at {hex(id(value))}>"


def same(value):
    return value, repr(value)


BASES = [
    (int, 7), (float, 1.5), (complex, 1j), (str, "secret"), (bytes, b"secret"), (bytearray, b"secret"), (list, ["secret"]),
    (tuple, ("secret",)), (dict, {"a": "secret"}), (set, {"secret"}), (frozenset, {"secret"}), (collections.deque, ["secret"]),
    (collections.OrderedDict, {"a": "secret"}), (collections.Counter, "secret"), (pathlib.PurePosixPath, "secret"),
    (decimal.Decimal, "1.5"), (fractions.Fraction, "1/3"), (ValueError, "secret"), (OSError, "secret"), (ImportError, "secret"),
]


def over_each_base():
    def classes():
        return [hide(kind)(given) for kind, given in BASES]

    date, moment = hide(datetime.date), hide(datetime.datetime)
    made = [
        date(2024, 1, 2), moment(2024, 1, 2), hide(datetime.time)(1), hide(datetime.timedelta)(1), hide(uuid.UUID)(int=5),
        hide(collections.defaultdict)(list, a=1), hide(functools.partial)(print, "secret"), hide(types.SimpleNamespace)(a=1),
        hide(types.ModuleType)("hidden"), hide(weakref.ref)(hide), hide(ExceptionGroup)("secret", [ValueError(1)]),
        hide(pathlib.Path)("secret"), hide(pathlib.PureWindowsPath)("secret"),
    ]
    return [plain(value) for value in [*classes(), *made]]


def over_what_is_used():
    """The same, where repr() is that of the base and asks for something that the subclass has replaced."""
    items = {"__iter__": lambda self: iter(["shown"])}
    uuid_class = hide(uuid.UUID, "__str__", "shown")
    return [
        *(plain(type("Iterated", (base,), items)({"secret"})) for base in (set, frozenset, collections.deque)),
        plain(type("Itemed", (collections.OrderedDict,), {"items": lambda self: [("shown", 1)]})(a="secret")),
        plain(type("Common", (collections.Counter,), {"most_common": lambda self: [("shown", 1)]})("secret")),
        plain(hide(pathlib.PurePosixPath, "__str__", "shown")("secret")), plain(uuid_class(int=7)),
        plain(hide(pathlib.PurePosixPath, "as_posix", "shown")("secret")),
    ]


@dataclasses.dataclass
class Point:
    x: int
    y: str = "secret"


@dataclasses.dataclass(repr=False)
class Quiet:
    x: str = "secret"


@dataclasses.dataclass
class OwnPoint(Point):
    def __repr__(self):
        return "<own>"


@dataclasses.dataclass(repr=False)
class Longer(Point):
    z: str = "not shown"


class Undecorated(Point):
    z: int = 1


class Computed(Point):
    """Its `x` is what code says, whatever is stored."""

    x = property(lambda self: "computed", lambda self, value: None)


class Answering(Point):
    def __getattribute__(self, name):
        return "answered" if name == "y" else super().__getattribute__(name)


class Posing(Point):
    __class__ = property(lambda self: dict)


@dataclasses.dataclass(slots=True)
class Slotted:
    x: int
    y: str = "y"


class SlotComputed(Slotted):
    y = property(lambda self: "computed", lambda self, value: None)


@dataclasses.dataclass
class WithDefault:
    x: int = 1
    y: typing.ClassVar[int] = 2


def dataclasses_():
    unfinished, defaulted = Point(1), WithDefault()
    del unfinished.__dict__["y"], defaulted.__dict__["x"]
    del Point.y
    given = Point.__repr__
    borrowed = type("Borrowed", (), {"__repr__": given, "x": 1, "y": 2})()
    return [
        same(Point(1, "shown")), plain(Quiet()), plain(OwnPoint(1, "secret")), same(Longer(1, "y")), same(Undecorated(1, "y")),
        plain(Computed(1, "y")), plain(Answering(1, "y")), plain(Posing(1, "y")), same(Slotted(1)), plain(SlotComputed(1)),
        same(defaulted), plain(unfinished), same(borrowed), same(dataclasses.make_dataclass("Made", ["a", "b"])(1, [2])),
    ]


Pair = collections.namedtuple("Pair", "a b")


class Renamed(Pair):
    _fields = ("secret", "other")


class OwnPair(Pair):
    def __repr__(self):
        return "<own>"


class Bare(Pair):
    __repr__ = tuple.__repr__


def named_tuples():
    forged = tuple.__new__(Pair, (1, 2, 3))
    return [same(Renamed(1, 2)), plain(OwnPair(1, "secret")), same(Bare(1, 2)), plain(forged), same(collections.namedtuple("Empty", "")())]


class OwnEnum(enum.Enum):
    A = "secret"

    def __repr__(self):
        return "<own>"


class Shown(int):
    def __repr__(self):
        return "<shown>"


class OfShown(Shown, enum.Enum):
    A = 1


class Truth(enum.IntEnum):
    YES = True


@enum.global_enum
class Global(enum.Enum):
    HERE = 1


@enum.global_enum
class Bits(enum.IntFlag, boundary=enum.KEEP):
    ONE = 1
    TWO = 2


@enum.global_enum
class Strict(enum.Flag):
    ONE = 1
    TWO = 2
    BOTH = 3


class Permission(enum.Flag):
    R = 1
    W = 2


def enums():
    import re

    return [
        plain(OwnEnum.A), (OfShown.A, "<OfShown.A: …>"), (Truth.YES, repr(Truth.YES)), same(Global.HERE), same(Bits(0)), same(Bits.ONE),
        same(Bits(3)), same(Bits(7)), same(Bits(12)), same(Strict.BOTH), same(Strict(0)), same(Permission(0)), same(Permission(3)),
        same(re.I), same(re.I | re.M), same(re.RegexFlag(0)), same(re.RegexFlag(1 << 20)), same(re.RegexFlag),
        same(dataclasses.MISSING.__class__), same(enum.STRICT),
    ]


class OwnMeta(type):
    def __repr__(cls):
        return "<own>"


class OfOwnMeta(metaclass=OwnMeta):
    pass


class Other(typing.Any):
    pass


def classes():
    own = f"<class '__main__.OfOwnMeta' at {hex(id(OfOwnMeta))}>"
    return [(OfOwnMeta, own), same(typing.Any), same(Other), same(Other()), same(abc.ABC), same(OwnMeta), plain(hide(OfOwnMeta)())]


def in_python():
    """What is C elsewhere, written in Python under the same name."""
    import _pydatetime
    import _pydecimal

    made = [_pydecimal.Decimal("1.5"), _pydatetime.datetime(2024, 1, 2), _pydatetime.date(2024, 1, 2), _pydatetime.timedelta(1)]
    return [plain(value) for value in made]


def other_callables():
    partly = type("Partly", (dict,), {"__repr__": functools.partialmethod(lambda self: "<partly>")})
    strung = type("Strung", (str,), {"__repr__": str.__str__})
    lent = type("Lent", (list,), {"__repr__": object.__repr__})
    mixed = type("Mixed", (hide(object), int), {})
    first = type("First", (int, hide(object)), {})
    return [plain(partly(a=1)), plain(strung("secret")), same(lent([1])), plain(mixed(5)), same(first(5))]


GROUPS = [
    over_each_base, over_what_is_used, dataclasses_, named_tuples, enums, classes, in_python, other_callables,
]
values = [pair for group in GROUPS for pair in group()]
say("values", [[id(value), text] for value, text in values])
ready()
sys.stdin.read()
finished(len(values))
