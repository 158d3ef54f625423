"""Finds the program's own frame below a request. Part of other agents. Changes nothing."""

import sys


def program_frame():
    """The innermost frame of the program, or None in a thread that has none.

    Below the caller's lie those of its request, and it may have come in while another request had its turn. Whoever
    evaluated in a frame of that one would keep it, and what it holds, for as long as the value is awaited.
    """
    frame = sys._getframe(1)
    while frame is not None and (is_remora(frame) or is_request(frame)):
        frame = frame.f_back
    return frame


def is_remora(frame):
    return frame.f_code.co_filename == "<remora>"


def is_request(frame):
    """Whether it is one of a script that the interpreter was asked to run: ours, before it is known whose it is. A
    signal finds it at its very first instruction, at which it has no global yet."""
    if frame.f_code.co_filename != "<string>":
        return False
    return "remora" in frame.f_code.co_names or "remora" in frame.f_globals


def has_request(frame):
    """Whether a request has its turn in `frame`, or in what called it."""
    while frame is not None and not is_request(frame):
        frame = frame.f_back
    return frame is not None
