"""Holds arrays and scalars of numpy, and moments, durations and tables of pandas, and says what each should be shown as."""

import datetime
import sys
import zoneinfo

import numpy as np
import pandas as pd

from support import finished, ready, say


def own(value, inside=""):
    kind = type(value)
    return value, f"<{kind.__module__}.{kind.__qualname__} object at {hex(id(value))}{inside}>"


def array(value, dtype):
    """Its items stand there as those of its list do."""
    shape = str(value.shape)
    return own(value, f": {dtype}, shape {shape}, {value.tolist()!r}")


def same(value):
    return value, repr(value)


class Matrix(np.ndarray):
    pass


class Shown(np.ndarray):
    def __repr__(self):
        return "<shown>"


def arrays():
    table, objects = np.arange(6.0).reshape(2, 3), np.array(["a", 1, None, [2]], dtype=object)
    ints = [np.array([[-1, 2], [3, 4]], dtype=kind) for kind in ("int8", "int16", "int32", "int64")]
    return [
        array(table, "float64"), array(table.T, "float64"), array(table[::-1, ::2], "float64"), array(np.array(1.5), "float64"),
        *(array(one, one.dtype.name) for one in ints), array(np.array([1, 2**64 - 1], dtype="uint64"), "uint64"),
        array(np.array([True, False]), "bool"), array(np.array([1 + 2j, -0.5j]), "complex128"), array(objects, "O"),
        array(np.array(["it's", "日本", ""]), "<U4"), array(np.array([b"a'b", b""]), "S3"), array(np.zeros((0, 3)), "float64"),
        array(np.array([1, 300], dtype=">i4"), ">i4"), array(np.array([0.5, -0.0, np.inf, np.nan], dtype=">f8"), ">f8"),
        array(np.array(["ab"], dtype=">U2"), ">U2"), array(np.zeros((2, 3)).view(Matrix), "float64"), own(table.view(Shown)),
        own(np.zeros((100, 100)), ": float64, shape (100, 100)"), own(np.zeros(3, "f2"), ": float16, shape (3,)"),
        own(np.zeros(2, "M8[ns]"), ": <M8[ns], shape (2,)"), own(np.zeros(2, [("a", "i4")]), ": V4, shape (2,)"),
        own(np.broadcast_to(np.float64(1), (10**6, 10**6)), ": float64, shape (1000000, 1000000)"),
    ]


def scalars():
    names = "f8 >f8 i4 O U5 >U5 S3 M8[ns] m8[5s] M8 ? c16 e u1 >u2".split()
    numbers = [999, 1e3, 1e5, 1e6, 9999999, 1e7, 1e15, 1e16, 1e-3, 1e-4, 1e-5, 0.00012345, 0.1, -0.0, np.nan, np.inf, -3.4e38, 1e-45]
    whole = [np.int8(-1), np.int16(-300), np.int32(2**31 - 1), np.int64(-(2**63)), np.longlong(3)]
    natural = [np.uint8(255), np.uint16(65535), np.uint32(2**32 - 1), np.uint64(2**64 - 1), np.ulonglong(3)]
    complexes = [np.complex128(1 + 2j), np.complex128(1j), np.complex128(complex(0, -0.0)), np.complex128(complex(-0.0, 1e16))]
    others = [np.True_, np.False_, np.str_("it's\n日本"), np.bytes_(b"a'\xff")]
    made = [*map(np.float64, numbers), *map(np.float32, numbers), *whole, *natural, *complexes, *others, *map(np.dtype, names)]
    return [same(value) for value in made] + [own(np.float16(1)), own(np.datetime64("2020-01-01")), own(np.dtype([("a", "i4")]))]


def moments():
    make, zones = pd.Timestamp, ["UTC", "Europe/Berlin", datetime.timezone(datetime.timedelta(hours=-5, minutes=-30))]
    far = [make(np.datetime64(text, "s")) for text in ("12000-01-01", "-0500-01-01", "0001-01-01", "0000-02-29", "292277-03-01")]
    near = [
        make("2024-01-02 03:04:05.123456789"), make("2024-01-02 03:04:05.000001"), make("2024-02-29"), make("1969-12-31 23:59:59.999999999"),
        make(2024, 1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=1), "X")), make("1900-01-01", tz="Europe/Amsterdam"),
    ]
    zoned = [make("2024-07-01 01:02:03", tz=zone) for zone in zones] + [make("2024-07-01", tz=zoneinfo.ZoneInfo("Asia/Tokyo"))]
    units = [make("2024-07-01 01:02:03").as_unit(unit) for unit in ("s", "ms", "us", "ns")]
    spans = [
        pd.Timedelta(0), pd.Timedelta(-1), pd.Timedelta(days=-2, seconds=5), pd.Timedelta(days=5, microseconds=7), pd.Timedelta("1s").as_unit("s"),
        pd.Timedelta(np.timedelta64(10**12, "s")), pd.Timedelta(milliseconds=3), pd.Timedelta(days=-1), pd.Timedelta(np.timedelta64(-(10**15), "s")),
    ]
    return [same(value) for value in [pd.NaT, *far, *near, *zoned, *units, *spans]]


def tables():
    named = pd.DataFrame({"a": [1, 2], "it's": ["x", "y"]})
    return [
        own(named, ": shape (2, 2), columns ['a', \"it's\"]"), own(pd.DataFrame(), ": shape (0, 0), columns range(0, 0)"),
        own(pd.DataFrame(np.zeros((3, 2)), index=list("abc")), ": shape (3, 2), columns range(0, 2)"),
        own(pd.DataFrame({1: [2], "x": [3]}), ": shape (1, 2), columns [1, 'x']"), own(named["a"]),
    ]


values = [pair for group in (arrays, scalars, moments, tables) for pair in group()]
say("values", [[id(value), text] for value, text in values])
ready()
sys.stdin.read()
finished(len(values))
