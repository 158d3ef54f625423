"""Waits for a line by turns in one of two functions, so that its stack changes when a line comes. The argument says how
many calls deep it does so."""

import sys

import support


def first_place():
    return sys.stdin.readline()


def second_place():
    return sys.stdin.readline()


def deep(levels):
    if levels > 0:
        return deep(levels - 1)
    while first_place() and second_place():
        pass
    return True


support.ready()
support.finished(deep(int(*sys.argv[1:])))
