"""Threads as the interpreter made them, whatever the program has put in their place. Part of other agents; changes
nothing."""

import _imp
import sys


def pristine(name):
    """A C module as the interpreter made it: gevent and eventlet put greenlets in the place of real threads and
    locks."""
    module = _imp.create_builtin(type(sys.__spec__)(name, sys.__spec__.loader))
    _imp.exec_builtin(module)
    return module


_thread = pristine("_thread")


def name_thread():
    """Tells the calling thread apart: for the operating system it goes by the name of the one that has started it."""
    if hasattr(_thread, "set_name"):
        _thread.set_name("remora")
