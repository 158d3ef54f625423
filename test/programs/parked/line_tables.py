"""Line tables of real functions, and made ones with entries of every form, with the positions that Python reads there."""

import argparse
import collections
import contextlib
import dataclasses
import functools
import itertools
import json.decoder
import textwrap
import threading
import tokenize
import traceback
import types

import stacks

modules = [argparse, collections, contextlib, dataclasses, functools, json.decoder, textwrap, threading, tokenize, traceback]


def describe():
    codes = [code for module in modules for code in codes_of(module)]
    codes += [long_code(), made_code()]
    return [
        {"name": code.co_qualname, "firstLine": code.co_firstlineno, "table": code.co_linetable.hex(), "runs": runs(code)}
        for code in codes
    ]


def runs(code):
    """`[units, line, endLine, column, endColumn]` for each run of equal positions."""
    return [[len(list(group)), *position] for position, group in itertools.groupby(code.co_positions())]


def codes_of(module):
    """Five functions of a module, of middling size."""
    functions = [value for _, value in sorted(members(module)) if isinstance(value, types.FunctionType)]
    codes = dict.fromkeys(function.__code__ for function in functions)
    return [code for code in codes if 80 <= len(code.co_code) // 2 <= 500][:5]


def members(module):
    for name, value in vars(module).items():
        yield name, value
        if isinstance(value, type):
            for inner, method in vars(value).items():
                yield f"{name}.{inner}", method


def long_code():
    module = compile(stacks.long_source, "long.py", "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, types.CodeType))


def made_code():
    """Entries of all sixteen forms, over a body that is long enough for them."""
    entries = [
        *(entry(form, bytes([0x35])) for form in range(10)),
        *(entry(form, bytes([200, 210])) for form in (10, 11, 12)),
        entry(13, signed(-3)),
        entry(13, signed(70_000)),
        entry(14, signed(-69_000), varint(70), varint(300), varint(5000)),
        entry(14, signed(2), varint(0), varint(0), varint(0)),
        entry(15),
        entry(14, signed(0), varint(3), varint(1), varint(64)),
        *(entry(form, bytes([0x7F]), units=8) for form in range(10)),
        entry(15, units=8),
        entry(10, bytes([0, 1])),
    ]
    body = compile("x = 1\n" * 100, "made.py", "exec")
    return body.replace(co_linetable=b"".join(entries))


def entry(form, *parts, units=2):
    return bytes([0x80 | form << 3 | units - 1]) + b"".join(parts)


def varint(value):
    encoded = bytearray()
    while value >= 64:
        encoded.append(value & 63 | 64)
        value >>= 6
    encoded.append(value)
    return bytes(encoded)


def signed(value):
    return varint(-value << 1 | 1 if value < 0 else value << 1)
