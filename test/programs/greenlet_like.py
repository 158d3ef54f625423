"""Runs on a stack without a bottom, as a greenlet does: like that library, it takes the calls off the thread before it
calls from C. There it waits for lines, or walks up and down until there is input."""

import ctypes
import select
import sys
import traceback

import support

CURRENT_FRAME = 208  # where the debug offsets say how far into a thread state it lies, in 3.14 and 3.15


def run():
    support.say("told", [[frame.name, frame.lineno] for frame in traceback.extract_stack()])
    if "moving" in sys.argv:
        while not select.select([0], [], [], 0)[0]:
            walk(20)
    at = 1
    while wait_for_line():
        at += 1
        support.say("waits")


def walk(levels):
    return levels and walk(levels - 1)


def wait_for_line():
    return sys.stdin.readline()


def call_alone(function):
    offset = ctypes.c_uint64.from_address(runtime + CURRENT_FRAME).value
    current_frame = ctypes.c_uint64.from_address(thread + offset)
    call = ctypes.CFUNCTYPE(None)(function)
    caller = current_frame.value
    current_frame.value = 0
    call()
    current_frame.value = caller


runtime = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
ctypes.pythonapi.PyThreadState_Get.restype = ctypes.c_void_p
thread = ctypes.pythonapi.PyThreadState_Get()
support.ready()
call_alone(run)
support.finished(True)
