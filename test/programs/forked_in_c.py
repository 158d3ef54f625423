"""Forks in C, of which Python is not told. The child computes and naps in turns until its input is closed."""

import ctypes
import os
import select
import threading
import time

import support


def compute():
    end = time.monotonic() + 0.03
    while time.monotonic() < end:
        pass


child = ctypes.PyDLL(None).fork()
if child:
    os.waitpid(child, 0)
else:
    support.say("child", os.getpid())
    while not select.select([0], [], [], 0.01)[0]:
        compute()
    support.say("native", threading.get_native_id())
