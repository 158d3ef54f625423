"""Computes in one function until it is told a line; then it forbids others to look into it, and computes in another."""

import ctypes
import select

import support


def wanted():
    return not select.select([0], [], [], 0)[0]


def before():
    while wanted():
        pass


def after():
    while wanted():
        pass


support.ready()
before()
input()
PR_SET_DUMPABLE = 4
ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
support.say("forbidden")
after()
support.finished(None)
