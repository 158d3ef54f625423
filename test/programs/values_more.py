"""More values for values.py: what annotations, paths and exceptions are made of."""

import array
import collections
import datetime
import decimal
import fractions
import functools
import io
import itertools
import pathlib
import re
import struct
import threading
import types
import typing
import uuid
import weakref
import zoneinfo


class Plain:
    @staticmethod
    def static():
        pass


def derive(base):
    return type("Derived" + base.__name__, (base,), {})


Eager = typing.TypeAliasType("Eager", list[typing.TypeVar("E")], type_params=(typing.TypeVar("E"),))


def annotations_of_typing():
    T, P = typing.TypeVar("T"), typing.ParamSpec("P")
    of_t, of_p = types.new_class("OfT", (typing.Generic[T],)), types.new_class("OfP", (typing.Generic[P],))
    new_type, inner = typing.NewType("New", int), typing.Annotated[list[int], {"a": [1]}, "it's"]
    a_list, a_callable, forward = typing.List, typing.Callable, typing.ForwardRef
    return [
        typing.Any, a_list[int], a_list, typing.Dict[str, typing.List[Plain]], a_list["X"], a_list[None], a_list[T], of_t[int],
        of_t[T], of_p[[int, str]], of_p[...], a_callable, a_callable[[int], str], a_callable[..., int], a_callable[[], of_t[int]],
        a_callable[P, int], typing.Literal["a", 1, b"x"], typing.Literal[re.I], inner, list[inner], typing.ClassVar[int],
        typing.Final, typing.Final[int], typing.Self, typing.LiteralString, Eager, list[Eager], Eager[int], new_type, a_list[new_type], list[new_type],
        forward("X"), forward("Y", module="m"), forward("Z", is_class=True), typing.Tuple[()], typing.Tuple[int, ...],
        typing.Unpack[tuple[int]], typing.Concatenate[int, ...], typing.Generic[T], typing.Protocol[T], list[typing.Any],
        int | typing.Any, typing.Optional, typing.Required[int], typing.TypeGuard[int], a_list[len], list[Plain.static],
        typing.DefaultDict[int, str], typing.Pattern[str], typing.IO[bytes], typing.TypedDict("Typed", {"a": int}), list["X"],
        a_list[Eager[int]], collections.abc.Callable[[a_list[int]], typing.Any],
    ]


def patterns():
    compiled = [re.compile(source) for source in ("", "a+'\"", "é日😀\n", "x" * 500)]
    flagged = [re.compile("a", flags) for flags in (re.I, re.M | re.S, re.X | re.A, re.I | re.U, re.A | re.I | re.M | re.S | re.X)]
    matches = [re.search("b(.)", "abc"), re.search(b"b", b"abc"), re.search("$", "日本"), re.search("本", "日本😀")]
    return [*compiled, *flagged, re.compile(b"a'\xff"), re.compile("x" * 300 + "'"), re.compile(b"a", re.L | re.I), *matches, *matches_of_others()]


def matches_of_others():
    within = [re.search(b"a'", one) for one in (bytearray(b"xa'"), derive(bytes)(b"xa'"), derive(bytes)(b"a'"), derive(bytearray)(b"xa'"))]
    return [re.search("a", derive(str)("xa")), re.search("(?P<name>b)", "\x1bab"), re.search("b*", "a"), *within]


def paths():
    posix = ["", "//x/y", "///x", "/", "//", "a\x1b[31m\n", "it's", 'say "x"', "日本/😀", "\udc80", "a/../b", "./a", "a\\b", "c:/x", "."]
    windows = [
        "c:\\x\\y", "c:/x/y", "c:x", "\\\\server\\share\\x", "//server/share", "\\x", "\\\\?\\UNC\\server\\share\\x", "\\\\.\\device\\x", "a/b",
        "\\\\?\\c:\\x", "", ".", "./c:x", "it's\n", "\\\\server", "\\\\?\\", "//", "///a", "c:", "C:.", "é:x",
    ]
    joined = [("a", "/b"), ("a/", "b", ""), ("/a", "//b", "c"), ("", "b"), ("a", "..", "./b/")]
    for_nt = [("c:/a", "/b"), ("c:/a", "d:b"), ("c:/a", "C:b"), ("c:a", "b"), ("//s/h", "x"), ("//s/h/", "/x"), ("a", "c:/b"), ("c:", "b"), ("//s", "b")]
    made = [*map(pathlib.PurePosixPath, posix), *map(pathlib.PureWindowsPath, windows)]
    made += [pathlib.PurePosixPath(*one) for one in joined] + [pathlib.PureWindowsPath(*one) for one in for_nt]
    asked = [type(one)(*one._raw_paths) for one in made]
    for one in asked:
        str(one)
    derived = [asked[1] / "z", asked[1].parent, pathlib.Path("/a/b.c").with_suffix(".d"), derive(pathlib.PurePosixPath)("x"), derive(pathlib.Path)("x")]
    return [*made, *asked, *derived, pathlib.PurePosixPath(pathlib.PureWindowsPath("a\\b")), derive(pathlib.PurePath)("//a/b")]


def imports_and_groups():
    changed, several = [ValueError(1)], [KeyError(2), ValueError(3)]
    group = ExceptionGroup("changed", changed)
    changed.append(ValueError(2))
    imports = [ImportError("x"), ImportError("x", name="it's"), ImportError("x", name="n", path="p"), ImportError(path="p")]
    groups = [group, ExceptionGroup("many", several), ExceptionGroup("t", tuple(several)), ExceptionGroup("d", collections.deque(several))]
    empty = [ImportError(), ImportError("x", name=None), ModuleNotFoundError("x", name="n"), derive(ImportError)("x", name="n")]
    return [*imports, *empty, *groups, derive(ExceptionGroup)("mine", several), BaseExceptionGroup("base", [KeyboardInterrupt()])]


def subclasses_of_c():
    """Some name their own class, others always the one that they inherit from."""
    made = [
        derive(decimal.Decimal)("1.5"), derive(fractions.Fraction)(1, 3), derive(uuid.UUID)(int=5), derive(functools.partial)(print, 1, a=2),
        derive(itertools.count)(5), derive(itertools.count)(1.5), derive(itertools.repeat)(1, 2), derive(struct.Struct)("<I"),
        derive(array.array)("i", [1]), derive(array.array)("w", "a"), derive(array.array)("i"), derive(datetime.time)(1), derive(datetime.timedelta)(1), derive(zoneinfo.ZoneInfo)("UTC"),
        derive(weakref.ref)(Plain), derive(staticmethod)(len), derive(classmethod)(len), derive(property)(len), derive(types.ModuleType)("m"),
        derive(io.FileIO)(0, closefd=False), derive(io.BufferedReader)(io.FileIO(0, closefd=False)),
        derive(io.TextIOWrapper)(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf8"), derive(super)(Plain, Plain()), derive(type(threading.RLock()))(),
        derive(collections.deque)([1], 2), derive(collections.defaultdict)(int), derive(type(list[int]))(list, (int,)), derive(object)(),
    ]
    with open(zoneinfo.TZPATH[0] + "/UTC", "rb") as file:
        made.append(zoneinfo.ZoneInfo.from_file(file))
    return made


GROUPS = [annotations_of_typing, subclasses_of_c, patterns, paths, imports_and_groups]
