"""Generators of which a copy that is torn tells a false story, by the first argument, until it is killed. Which function
runs from which line of `main` is known.

`shared`: one generator with two callers, which both have it in hand and take turns.
`replaced`: generators that live for some hundred nanoseconds, the next one where the last one lay."""

import sys

import support


def inner():
    while True:
        for _ in range(3):
            pass
        yield 1


def outer(generator):
    yield from generator


def first():
    yield 1
    yield 2


def second():
    yield 1
    yield 2


def main(kind):
    generator = inner()
    delegating = outer(generator)
    while kind == "shared":
        for _ in delegating:
            break
        for _ in generator:
            break
    while kind == "replaced":
        for _ in first():
            pass
        for _ in second():
            pass


support.ready()
main(sys.argv[1])
