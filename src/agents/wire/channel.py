"""Sends messages to the client: a kind byte, a length of 4 bytes, the payload. Part of other agents; changes nothing.

The program must never be held up by a client that is slow, stopped or dead. Each wait for it has a bound, and what it
does not take in time is dropped and counted.
"""

import _socket
import time

from ..program.threads import _thread

PATIENCE_S = 1.0
DEAF_S = 0.01
RECOVERY_BYTES = 1024 * 1024
PIECE_BYTES = 32 * 1024


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
