"""Holds one value of every kind that Remora shows as repr() does, and says what repr() says of each."""

import array
import collections
import contextvars
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import importlib.machinery
import io
import itertools
import json
import operator
import os
import pathlib
import queue
import struct
import sys
import threading
import time
import types
import typing
import uuid
import weakref
import zoneinfo

import values_more
from support import finished, ready, say


class Plain:
    pass


class Slotted:
    __slots__ = ("a", "__hidden")

    def __init__(self):
        self.a = 1


@dataclasses.dataclass
class Point:
    x: int
    y: int = 2
    quiet: int = dataclasses.field(default=0, repr=False)
    shared: typing.ClassVar[int] = 7
    given: dataclasses.InitVar[int] = 3


@dataclasses.dataclass(slots=True, frozen=True)
class SlottedPoint:
    x: int
    other: object = None


@dataclasses.dataclass
class Derived(Point):
    z: str = "z"


class Outer:
    @dataclasses.dataclass
    class Inner:
        v: int = 1


class Color(enum.Enum):
    RED = 1
    BLUE = "b"
    MIXED = (1, [2])


class Number(enum.IntEnum):
    ONE = 1


class Word(enum.StrEnum):
    A = "a"


class Permission(enum.Flag):
    R = 1
    W = 2


class Mixed(int, enum.Enum):
    FOUR = 4


Pair = collections.namedtuple("Pair", "a b")


class DerivedPair(Pair):
    pass


class Typed(typing.NamedTuple):
    x: int
    y: str = "q"


def derive(base):
    """A subclass with attributes, whose repr() is that of its base."""
    return type("My" + base.__name__, (base,), {})


def with_attributes(value):
    value.note = "mine"
    value.again = [value]
    return value


MyInt, MyFloat, MyComplex, MyStr, MyBytes, MyBytearray = map(derive, (int, float, complex, str, bytes, bytearray))
MyList, MyTuple, MyDict, MySet, MyFrozenset = map(derive, (list, tuple, dict, set, frozenset))
MyDeque, MyOrderedDict, MyDefaultdict, MyCounter = map(
    derive, (collections.deque, collections.OrderedDict, collections.defaultdict, collections.Counter)
)
MyDate, MyDatetime, MyNamespace, MyError = map(
    derive, (datetime.date, datetime.datetime, types.SimpleNamespace, ValueError)
)


class Service:
    def method(self):
        pass

    @staticmethod
    def static():
        pass

    @classmethod
    def shared(cls):
        pass

    value = property(lambda self: 1)


class Meta(type):
    pass


class WithMeta(metaclass=Meta):
    pass


def closure():
    x = 1

    def inner():
        return x

    return inner


def generate(a):
    b = 2
    yield a + b


async def wait():
    pass


def handled():
    try:
        try:
            1 / 0
        except ZeroDivisionError as error:
            raise KeyError("k") from error
    except KeyError as error:
        return error


def recursive():
    a_list, a_dict, a_tuple = [1], {"a": 1}, ([],)
    a_deque, a_default = collections.deque([1]), collections.defaultdict(list, a=[1])
    an_ordered, a_point, a_namespace, a_pair = collections.OrderedDict(a=1), Point(1), types.SimpleNamespace(), Pair([], 1)
    a_list.append(a_list)
    a_dict["me"] = a_dict
    a_tuple[0].append(a_tuple)
    a_deque.append(a_deque)
    a_default["me"] = a_default
    an_ordered["me"] = an_ordered
    a_point.y = a_point
    a_namespace.me = a_namespace
    a_pair.a.append(a_pair)
    return [a_list, a_dict, a_tuple, a_deque, a_default, an_ordered, a_point, a_namespace, a_pair]


def after_removals():
    a_bytearray = bytearray(b"abcdef")
    del a_bytearray[:3]
    a_set = set(range(10))
    a_set.discard(3)
    a_dict = dict.fromkeys(range(10))
    del a_dict[4]
    an_ordered = collections.OrderedDict(a=1, b=2, c=3)
    an_ordered.move_to_end("a")
    a_deque = collections.deque(range(200), maxlen=150)
    a_deque.popleft()
    a_deque.appendleft("l")
    a_big = set(range(2000))
    a_big -= set(range(0, 2000, 3))
    many = Plain()
    for number in range(60):
        setattr(many, f"n{number}", number)
    return [a_bytearray, a_set, a_dict, an_ordered, a_deque, a_big, many]


def locks():
    taken, reentrant = threading.Lock(), threading.RLock()
    taken.acquire()
    reentrant.acquire()
    reentrant.acquire()
    return [threading.Lock(), taken, threading.RLock(), reentrant]


def noted():
    error = ValueError("x")
    error.add_note("a note")
    return error


def numbers():
    bases = [0, 1, -1, 255, 2**15, 2**30 - 1, 2**30, 2**31, 2**60, 2**62, 2**63, 2**64, -(2**100), 10**400, -(7**2000)]
    floats = [1.0, 0.1, 1e16, 1e15, 9007199254740993.0, 123456789012345680.0, 1e-4, 1e-5, 1.5e-7, 1e22, 1e21, 123456.789]
    extremes = [float("inf"), float("-inf"), float("nan"), -0.0, 0.0, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308]
    complexes = [1j, 1 + 2j, complex(-0.0, 1), complex(0, -0.0), complex("nan+infj"), complex(-1, -1e16), complex(1e-7, 0)]
    return bases + floats + extremes + complexes + [True, False, None, ..., NotImplemented]


def texts():
    strs = [
        "", "abc", "it's", 'say "x"', "both ' and \"", "tab\t\n\r\\ \x00\x1b\x7f\xa0\xad é", "日本語", "😀 \ud83d\ude00 \ud800",
        "\u200b\u2028\u2066 \ue000", "\U000e0001\U0010ffff\u0378", "a" * 5000, "é" * 5000, "𐌰" * 5000,
    ]
    return strs + [b"", b"a'b", b'"', b"\x00\xff\n\t\"'\\", bytes(range(256)), bytearray(b"x"), bytearray()]


def times():
    zone, delta = datetime.timezone, datetime.timedelta
    moment = datetime.datetime(2024, 1, 2, 3, 4, 5, 6)
    return [
        datetime.date(2024, 2, 29), MyDate(2024, 1, 2), moment, moment.replace(microsecond=0),
        moment.replace(second=0, microsecond=0), moment.replace(tzinfo=zone.utc, fold=1), moment.replace(second=0),
        moment.replace(tzinfo=zone(delta(hours=-5, minutes=-30))), moment.replace(tzinfo=zoneinfo.ZoneInfo("UTC")),
        datetime.datetime.min, datetime.datetime.max, MyDatetime(2024, 1, 2), datetime.time(), datetime.time(1, 2, 3),
        datetime.time(1, 2, 3, 4, tzinfo=zone.utc, fold=1), datetime.time(1, fold=1), delta(), delta(1, 2, 3), delta(-1),
        delta(seconds=1), delta(microseconds=-1), delta.max, zone.utc, zone(delta(hours=2), "X"), zone(delta(hours=1)),
        zone(delta(0), "zero"),
    ]


def containers():
    ordered, default, counter = collections.OrderedDict, collections.defaultdict, collections.Counter
    return [
        [], [1], [1, [2, [3]]], (), (1,), (1, 2), {}, set(), {1}, frozenset(), frozenset([1, 2]), range(3), range(1, 10, 2),
        {"a": 1, 2: "b", None: 3, (1, 2): 4, 1.5: 5, b"x": 6, True: 7}, range(-5, 5, -1), range(10**30), slice(1, None, 3),
        collections.deque(), collections.deque([1], 5), ordered(), ordered(a=1), default(), default(int, {1: 2}), counter(),
        counter("abracadabra"), counter(a=1.5, b=2), counter(a="x", b=2), counter(a=-1, b=10**30), {1: 2}.keys(),
        {1: 2}.values(), types.MappingProxyType({"a": [1]}), types.SimpleNamespace(a=1, b="x"), types.SimpleNamespace(),
        MyList([1]), MyTuple((1,)), MyDict(a=1), MySet([1]), MySet(), MyFrozenset([1]), MyFrozenset(), MyDeque([1], 5),
        MyOrderedDict(a=1), MyDefaultdict(None, a=1), MyCounter("aab"), MyNamespace(a=1),
        *map(with_attributes, [MyList([1]), MyTuple((1,)), MyDict(a=1), MySet([1]), MyDeque([1]), MyOrderedDict(b=2)]),
    ]


def scalars_of_classes():
    return [
        MyInt(5), MyFloat(1.5), MyComplex(1j), MyStr("q\n"), MyBytes(b"x"), MyBytearray(b"y"),
        *map(with_attributes, [MyInt(2**70), MyFloat(0.5), MyStr("日本"), MyBytes(b"xy")]),
        Color.RED, Color.BLUE, Color.MIXED, Number.ONE, Word.A, Permission.R, Permission.R | Permission.W, Permission(0),
        Mixed.FOUR, Pair(1, "x"), DerivedPair(1, 2), Typed(1), time.gmtime(0), sys.version_info, os.stat("/"), sys.flags,
        Point(1), Point(y=[1], x="a"), Derived(1), SlottedPoint(1), Outer.Inner(), Plain(), Slotted(), object(),
    ]


def library():
    decimals = "0 -0 1 -1.5 1E+3 1E-7 0.000001 0.0000001 NaN -Infinity sNaN NaN12 1e100 0E-9 0E+3 1.50".split()
    return [
        *map(decimal.Decimal, decimals), decimal.Decimal("123456789012345678901234567890.12345"), fractions.Fraction(-1, 3),
        uuid.UUID(int=5), pathlib.Path("/tmp/x"), pathlib.PurePosixPath("a//b/./c", "../d"), pathlib.Path(),
        pathlib.Path("/a", "/b"), functools.partial(print), functools.partial(print, 1, end=2), zoneinfo.ZoneInfo("UTC"),
        memoryview(b"x"), queue.Queue(),
    ]


def callables():
    service = Service()
    return [
        len, [].append, dict.fromkeys, str.join, service.method, Service.method, Service.static, Service.shared, closure,
        closure(), closure().__closure__[0], closure.__code__, lambda: 1, *(vars(Service)[name] for name in
        ("static", "shared", "value")), int, Plain, type, Meta, WithMeta, collections.deque, collections.OrderedDict,
        Outer.Inner, ValueError, sys, json, collections, sys.modules["__main__"], types.ModuleType("bare"),
        weakref.ref(Service), weakref.ref(Plain()), generate(1), wait(),
        *(types.MethodType(one, 1) for one in (print, int, [].append, dict.fromkeys, functools.partial(print), closure())),
    ]


def errors():
    return [
        handled().__traceback__, handled().__traceback__.tb_frame,
        handled(), noted(), ValueError(), ValueError(1, 2), MyError("a"), OSError(2, "nope", "file"), KeyError("k"),
        ExceptionGroup("g", [ValueError(1), KeyError(2)]), StopIteration(3), SystemExit(1),
        UnicodeDecodeError("utf8", b"x", 0, 1, "r"),
    ]


def annotations():
    T, S, P = typing.TypeVar("T"), typing.TypeVar("S", covariant=True), typing.ParamSpec("P")
    K, Ts = typing.TypeVar("K", contravariant=True), typing.TypeVarTuple("Ts")
    type Alias[X] = list[X]
    callable_ = collections.abc.Callable
    return [
        list[int], dict[str, list[Plain]], tuple[()], tuple[int, ...], collections.deque[Outer.Inner], type[int], *tuple[int],
        int | None, str | list[int], Plain | None, list[T] | None, callable_[[int, str], None], callable_[..., int],
        callable_[P, int], callable_[[], list[int]], list[int | None], T, S, K, P, Ts, Alias, Alias.__type_params__[0],
        Alias[int], list[Alias[str]], list[Alias], list[len], list[closure], list[None],
    ]


def made_of_few():
    exhausted = itertools.repeat(1, 2)
    next(exhausted)
    with open("/dev/null") as closed:
        pass
    return [
        operator.attrgetter("a"), operator.attrgetter("a.b", "it's"), operator.itemgetter(0), operator.itemgetter("k", 1),
        operator.itemgetter((1, 2)), operator.methodcaller("m"), operator.methodcaller("m", 1, k=[2]), itertools.count(),
        itertools.count(5, 2), itertools.count(1.5), itertools.count(10**30), itertools.repeat([1]), exhausted,
        itertools.chain([1]), itertools.count(-3, True), contextvars.ContextVar("plain"), contextvars.ContextVar("v", default=[1]),
        struct.Struct("<IH"), array.array("H", [1, 2]), array.array("d", [1.5, -0.0]), array.array("f", [0.1]), array.array("b"),
        array.array("w", "aé😀"), array.array("q", [-1]), array.array("Q", [2**64 - 1]), Pair.a, Pair.b,
        *(open(name, mode, buffering) for name, mode, buffering in [("/dev/null", "r", -1), ("/dev/null", "w", -1)]),
        *(open("/dev/null", mode, 0) for mode in ("rb", "wb", "rb+", "ab")), open("/dev/null", "rb"), open("/dev/null", "r+b"),
        open(0, closefd=False), closed, closed.buffer.raw, io.BytesIO(b"x"), io.StringIO("x"), json.__spec__, sys.__spec__,
        collections.__spec__, importlib.machinery.FileFinder("/tmp"), functools.lru_cache(print),
    ]


def descriptors():
    own = [vars(Slotted)["a"], vars(Plain)["__dict__"], vars(Plain)["__weakref__"], vars(WithMeta)["__dict__"]]
    builtin = [vars(int)["__add__"], vars(int)["real"], vars(type)["__mro__"], vars(dict)["fromkeys"], vars(datetime.date)["year"]]
    of_object = [vars(object)[name] for name in ("__class__", "__repr__", "__reduce__", "__init_subclass__")]
    return [*own, *builtin, *of_object, (1).__add__, Plain().__str__, functools.cached_property(len), vars(datetime)["datetime_CAPI"], Color, Permission]


def views():
    table = {"a": 1, "b": [2]}
    nested = {}
    nested["me"] = nested.items()
    ordered = collections.OrderedDict(x=1, y=2)
    ordered.move_to_end("x")
    iterators = [iter(one) for one in ([], (), {}, set(), "", b"", range(3), range(10**30), table.items())]
    shown = [table.items(), table.keys(), table.values(), {}.items(), {}.keys(), nested["me"], ordered.keys(), ordered.items(), ordered.values()]
    return [*shown, *iterators, enumerate([]), zip(), map(len, []), filter(None, []), reversed([]), super(Derived, Derived(1))]


def references():
    service = Service()
    held.append(service)
    return [
        weakref.ref(service), weakref.ref(Color), weakref.WeakMethod(service.method), weakref.KeyedRef(service, None, "k"),
        weakref.ref(json.JSONDecoder()), weakref.ref(pathlib.Path),
    ]


held = []
GROUPS = [annotations, made_of_few, descriptors, views, references, numbers, texts, times, containers, scalars_of_classes, library, callables, errors, recursive, after_removals, locks]
values = [value for group in [*GROUPS, *values_more.GROUPS] for value in group()]
if sys.version_info >= (3, 15):
    values += [frozendict(a=1, b=[2]), frozendict(), sentinel("MISSING")]  # noqa: F821

sys.set_int_max_str_digits(0)


def is_sized(value):
    """OrderedDict adds what it keeps in C of its own."""
    return isinstance(value, SIZED) and not isinstance(value, collections.OrderedDict)


SIZED = (Plain, Slotted, Point, SlottedPoint, list, tuple, dict, set, frozenset, int, float, ValueError)
say("values", [[id(value), repr(value)] for value in values])
say("sizes", [sys.getsizeof(value) if is_sized(value) else None for value in values])
ready()
sys.stdin.read()
for value in values:
    if isinstance(value, types.CoroutineType | io.IOBase) and value not in (sys.stdout, sys.stderr):
        value.close()
finished(len(values))
