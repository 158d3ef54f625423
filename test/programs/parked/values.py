"""A value of most kinds that Remora shows as repr() does, and what repr() says of each."""

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import operator
import pathlib
import re
import types
import uuid
import weakref


@dataclasses.dataclass
class Point:
    x: int
    y: object = None


class Color(enum.Enum):
    RED = 1


class Plain:
    def method(self):
        return self


Pair = collections.namedtuple("Pair", "a b")
Slotted = type("Slotted", (), {"__slots__": ("slot",)})
MyList = type("MyList", (list,), {})


def generate(a):
    yield a


def scalars():
    return [None, True, 10**40, -1, 1.5, float("nan"), 2j, "it's", "größe 🐍", b"\x00x", bytearray(b"y"), ..., range(2, 9, 3)]


def containers():
    ordered = collections.OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    recursive = [1]
    recursive.append(recursive)
    table = {"a": [1, 2], (1, 2): None}
    return [
        [], [1, [2]], (1,), {1}, frozenset([1]), table, table.items(), table.keys(), types.MappingProxyType(table), ordered,
        collections.defaultdict(list, a=[1]), collections.Counter("aab"), collections.deque(range(70), 64), recursive, MyList([1]),
        types.SimpleNamespace(a=1), Pair(1, "x"), slice(1, None),
    ]  # fmt: skip


def objects():
    plain = kept_alive
    zone = datetime.timezone(datetime.timedelta(hours=2), "X")
    return [
        plain, Point(1, Point(2)), Color.RED, Slotted(), ValueError("x", 1), datetime.datetime(2024, 1, 2, 3, tzinfo=zone),
        datetime.timedelta(1, 2), decimal.Decimal("1.50"), fractions.Fraction(1, 3), uuid.UUID(int=5), pathlib.Path("/a", "b"),
        functools.partial(print, 1, end=2), plain.method, len, [].append, Plain, Color, generate, generate(1), re.compile("a+", re.I),
        re.search("b", "abc"), list[int], int | None, operator.attrgetter("a.b"), weakref.ref(plain), weakref.ref(Plain()), re,
        str.join, (lambda: plain).__closure__[0], functools.lru_cache,
    ]  # fmt: skip


kept_alive = Plain()
kept = [*scalars(), *containers(), *objects()]


def describe():
    return [[id(value), repr(value)] for value in kept]
