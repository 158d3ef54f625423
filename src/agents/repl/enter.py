"""Takes a line to the session that it belongs to, whose thread holds everything else (session_thread.py). Changes
nothing itself.

A session is an object on the stack of a thread that waits for the client: no name of the program leads to it, and it
goes with the thread.
"""

import sys

from ..program.frames import program_frame


def main(config, connection, place):
    session = find_session(config["thread"], config["token"])
    return session.enter(config, Place(connection, place, program_frame()))


class Place:
    """Where a line has come in."""

    def __init__(self, connection, files, program):
        self.connection = connection
        self.files = files
        self.program = program


def find_session(thread, token):
    """Fails, and with it the line, where there is none: in a forked child, or where the client seemed to have gone."""
    frame = sys._current_frames()[thread]
    while getattr(frame.f_locals.get("session"), "token", None) != token:
        frame = frame.f_back
    return frame.f_locals["session"]
