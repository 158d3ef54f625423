"""Calls functions that begin in several ways, a round for each line of its input. Its name begins that of a module of the
standard library, `genericpath`."""

import functools

import support


def decorated(function):
    return functools.wraps(function)(lambda number: function(number))


@decorated
def one_more(
    number,
):
    return number + 1


def same(number): return number  # fmt: skip


class Box:
    def open(self): return 1  # fmt: skip


support.ready()
for _line in support.lines():
    for number in range(5):
        one_more(number)
        same(number)
        Box().open()
    print("round 5", flush=True)
support.finished(True)
