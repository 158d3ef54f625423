"""What the programs of blocked.py share: when the wait begins, and who ends it."""

import os
import threading
import time

import support

ASKED = float(os.environ.get("ASKED", 3))
"""Seconds of the waits that end by themselves."""

typed = os.dup(0)
started = 0.0


def begin(release=None):
    """Says that the wait is about to begin. `release` is called when a line is typed, in another thread."""
    global started
    if release is not None:
        threading.Thread(target=release_when_typed, args=[release], daemon=True).start()
    support.ready()
    started = time.monotonic()


def release_when_typed(release):
    while os.read(typed, 1) != b"\n":
        pass
    release()
    threading.Event().wait()


def in_thread(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()
