"""Stands still in nested calls with variables of every kind, and says what `locals()` says there."""

import sys

import support


def outermost(number, /, positional=1.5, *rest, keyword="kw", **others):
    captured = [number, positional]
    unbound = None
    del unbound

    def innermost(text):
        nonlocal captured
        captured += [text]
        password = "hunter2"  # noqa: F841
        squares = {n: n * n for n in range(3)}  # noqa: F841
        stand_still()

    innermost("één")


class Keeper:
    def hold(self, what):
        generator = (item for item in what)
        for item in generator:
            outermost(item, -0.0, "rest", b"bytes", keyword=None, other={1, 2})


def describe(frame):
    return {name: repr(value) for name, value in frame.f_locals.items()}


def stand_still():
    frame = sys._getframe(1)
    told = {}
    while frame.f_code.co_name != "<module>":
        told[frame.f_code.co_qualname] = describe(frame)
        frame = frame.f_back
    support.say("locals", told)
    support.ready()
    sys.stdin.read()


Keeper().hold([2**70])
support.finished(True)
