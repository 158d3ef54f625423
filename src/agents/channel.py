"""Sends messages to the client: a kind byte, a length of 4 bytes, the payload. Part of other agents; changes nothing.

The program must never be held up by a client that is slow, stopped or dead. Each wait for it has a bound, and what it
does not take in time is dropped and counted.
"""

import _imp
import _socket
import posix
import sys
import time

PATIENCE_S = 1.0
DEAF_S = 0.01
RECOVERY_BYTES = 1024 * 1024
PIECE_BYTES = 32 * 1024


def pristine(name):
    """A C module as the interpreter made it: gevent and eventlet put greenlets in the place of real threads and locks."""
    module = _imp.create_builtin(type(sys.__spec__)(name, sys.__spec__.loader))
    _imp.exec_builtin(module)
    return module


_thread = pristine("_thread")


def name_thread():
    """Tells the calling thread apart: for the operating system it goes by the name of the one that has started it."""
    if hasattr(_thread, "set_name"):
        _thread.set_name("remora")


def free_tool_id(tool):
    """Gives it back, with all events on it. With its JIT, 3.14 locks itself up where it takes local ones alone off a running
    program (python/cpython#141658); with a global one it throws away compiled code first. This one costs nothing."""
    if sys._jit.is_enabled():
        sys.monitoring.set_events(tool, sys.monitoring.events.PY_UNWIND)
    sys.monitoring.free_tool_id(tool)


def remove_rendezvous(place):
    """Removes what a client that has died cannot remove any more. One that lives still needs it."""
    if listens(place["socket"]):
        return
    for name, remove in (("script", posix.unlink), ("socket", posix.unlink), ("directory", posix.rmdir)):
        try:
            remove(place[name])
        except OSError:
            pass


def listens(path):
    """Whether a client lives there.

    In one that is killed the conversations end before its listening does: it would let us connect, but then resets what
    it has not accepted. One that lives accepts, and closes, as there is nothing for it to hear.
    """
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(PATIENCE_S)
        connection.connect(path)
        connection.shutdown(_socket.SHUT_WR)
        connection.recv(1)
        return True
    except TimeoutError:
        return True
    except OSError:
        return False
    finally:
        connection.close()


class Channel:
    """Sends to a client that may be slow, stopped or dead: waits at most a second for it, then drops and counts."""

    def __init__(self, connection):
        self.connection = connection
        self.lock = _thread.allocate_lock()
        self.patience = PATIENCE_S
        self.deaf_until = 0.0
        self.sent_since = 0
        self.rest = b""
        self.dropped = 0
        self.gone = False

    def send_output(self, kind, data):
        for start in range(0, len(data), PIECE_BYTES):
            piece = data[start : start + PIECE_BYTES]
            if not self.send(kind, piece):
                self.dropped += len(piece)

    def send(self, kind, payload):
        with self.lock:
            return self.send_message(kind + len(payload).to_bytes(4, "big") + payload)

    def send_message(self, message):
        data = self.rest + message
        sent = 0
        deadline = time.monotonic() + self.patience
        if deadline < self.deaf_until:
            return False
        try:
            while sent < len(data):
                self.connection.settimeout(max(deadline - time.monotonic(), 0.0))
                sent += self.connection.send(memoryview(data)[sent:], _socket.MSG_NOSIGNAL)
        except (TimeoutError, BlockingIOError):
            # From now on only a short try each, and not too often, until the client has read more than a buffer holds.
            self.patience = 0.0
            self.sent_since = 0
            self.deaf_until = time.monotonic() + DEAF_S
            # A message that has been begun must be ended, or the client could not find the next one.
            begun = sent > len(self.rest)
            self.rest = data[sent:] if begun else self.rest[sent:]
            return begun
        except OSError:
            self.gone = True
            return False
        self.rest = b""
        self.sent_since += sent
        if self.sent_since > RECOVERY_BYTES:
            self.patience = PATIENCE_S
        return True
