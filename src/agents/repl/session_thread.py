"""Holds the variables of a session of lines in a thread of its own, for as long as its client lives.

The thread holds the code for all lines, too, so that none has to bring it (enter.py).

Changes in the target: one thread and one descriptor more, until the client closes the connection or dies; then both go,
and with them the variables. What lines change stands in those files. Imports: _socket, which is C.
Message to the client: the thread. From the client, in the same form: scripts as the interpreter is asked to run them,
which the thread then runs itself: so code comes in where no other thread does; and the end, before it closes.
"""

import _socket

from ..program.threads import _thread, name_thread
from ..wire import kinds
from ..wire.channel import PATIENCE_S
from ..wire.rendezvous import remove_rendezvous
from .complete import Completion
from .line import Line, Names


def main(config, connection, place):
    session = Session(config["token"])
    _thread.start_new_thread(hold_session, (session, connection, place))
    # A thread that lets go of the GIL for moments only, or hardly ever, would keep the new one from it for seconds.
    session.begun.acquire(timeout=PATIENCE_S)


class Session:
    """What lasts from line to line."""

    def __init__(self, token):
        self.token = token
        self.begun = _thread.allocate_lock()
        self.begun.acquire()
        self.names = Names()
        # The source of each line, by the name of its file.
        self.sources = {}

    def enter(self, config, place):
        """What the line leaves behind to be run: see Run.start."""
        line = (Completion if config["complete"] else Line)(self, config, place)
        return line.begin(line.enter)


def hold_session(session, connection, place):
    try:
        name_thread()
        connection.settimeout(None)
        numbers = b'{"id":%d,"nativeId":%d}' % (_thread.get_ident(), _thread.get_native_id())
        connection.sendall(kinds.SESSION_THREAD + len(numbers).to_bytes(4, "big") + numbers, _socket.MSG_NOSIGNAL)
        session.begun.release()
        while True:
            header = receive_exactly(connection, 5)
            kind, length = header[:1], int.from_bytes(header[1:], "big")
            if kind == kinds.END_SESSION:
                # It lives, and needs its files. To find that out would take the GIL several times, where each may take
                # seconds.
                place = None
                break
            payload = receive_exactly(connection, length)
            if kind == kinds.RUN_SCRIPT:
                run_requested(payload)
    except BaseException:
        # The client has closed the session, or died.
        pass
    finally:
        connection.close()
        if place is not None:
            remove_rendezvous(place)


def receive_exactly(connection, length):
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def run_requested(source):
    """As the interpreter runs a script that it was asked for. The script itself lets nothing through."""
    exec(compile(source, "<remora>", "exec"), {})
