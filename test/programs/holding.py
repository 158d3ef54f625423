"""Computes; a line on its standard input makes it call C code that keeps the GIL, until the next line. Ends with its input."""

import ctypes
import os
import select

import support

library = ctypes.PyDLL(None)


def spin():
    held = 0
    while True:
        if not select.select([0], [], [], 0)[0]:
            continue
        if not os.read(0, 100):
            return held
        support.say("holding", held)
        library.read(0, ctypes.create_string_buffer(100), 100)
        held += 1


support.ready()
support.finished(spin())
