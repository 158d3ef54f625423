"""The two directions of a session's connection: a thread that listens, and the file that pdb writes to. Part of pdb.

It changes nothing but for the thread, which ends with the session.
"""

import _socket
import sys
import time

from ..program.threads import _thread, name_thread
from ..wire import kinds
from ..wire.channel import DEAF_S, PATIENCE_S

LEFT_S = 0.0005
PATIENT_S = 3600.0
# Less than a client takes to ask once more.
INSISTENT_S = 0.005


class Listener:
    """A thread that waits for the client's lines, or its death."""

    def __init__(self, session):
        self.session = session
        self.stopped = False
        self.ending = False
        self.lock = _thread.allocate_lock()
        # Whose frames the session has to leave.
        self.thread = None
        # An object of its own, as its time-out differs; the descriptor shares the connection.
        self.connection = _socket.socket(fileno=_socket.dup(session.channel.connection.fileno()))

    def start(self):
        _thread.start_new_thread(self.listen, ())

    def listen(self):
        try:
            name_thread()
            rest = b""
            while not self.stopped:
                self.connection.settimeout(INSISTENT_S if self.session.signal.due else PATIENT_S)
                try:
                    piece = self.connection.recv(65536)
                except TimeoutError:
                    self.session.signal.insist()
                    continue
                except OSError:
                    piece = b""
                if not piece:
                    break
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    if line == kinds.INTERRUPT_PDB:
                        self.session.interrupt()
                    else:
                        self.session.wire.add(line)
            if not self.stopped:
                self.session.client_has_gone()
                while self.session.signal.due:
                    time.sleep(INSISTENT_S)
                    self.session.signal.insist()
        except BaseException:
            pass
        finally:
            with self.lock:
                self.ending = True
            if self.stopped:
                wait_until_left(self.thread)
            if self.stopped or self.session.over:
                self.end_connection()
            self.connection.close()

    def stop(self):
        """Ends the connection, too, but not before the last frame of ours has gone: the client's next request would
        stop in it."""
        self.thread = _thread.get_ident()
        with self.lock:
            self.stopped = True
            ending = self.ending
        channel = self.session.channel
        channel.send(kinds.PDB_ENDED, b"")
        if ending:
            self.end_connection()
            return
        try:
            channel.connection.shutdown(_socket.SHUT_RD)
        except OSError:
            pass

    def end_connection(self):
        """The client learns it even if a forked child still holds it."""
        connection = self.session.channel.connection
        try:
            connection.shutdown(_socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()


def wait_until_left(thread):
    """Until that thread runs the program's own code again; a second at most, as everything that others wait for."""
    deadline = time.monotonic() + PATIENCE_S
    while is_ours(sys._current_frames().get(thread)) and time.monotonic() < deadline:
        time.sleep(LEFT_S)


def is_ours(frame):
    """Whether `frame`, or what called it, is code of ours."""
    while frame is not None and frame.f_code.co_filename != "<remora>":
        frame = frame.f_back
    return frame is not None


class Wire:
    """The file that pdb's server writes to and reads from."""

    def __init__(self, session):
        self.session = session
        self.lines = []
        self.arrived = _thread.allocate_lock()
        self.arrived.acquire()
        self.ended = False
        self.writing = False
        self.waiting = False
        self.reported = 0

    def add(self, line):
        """Called by the listener."""
        self.lines.append(line)
        if self.arrived.locked():
            self.arrived.release()

    def end(self):
        self.ended = True
        if self.arrived.locked():
            self.arrived.release()

    def write(self, data):
        """Text may be dropped where the client is slow, as the program may be on its way; a prompt waits with it."""
        channel = self.session.channel
        self.writing = True
        try:
            line = data.removesuffix(b"\n")
            if line.startswith(b'{"message"'):
                if not channel.send(kinds.PDB_MESSAGE, line):
                    channel.dropped += len(line)
            else:
                self.report_dropped()
                while not channel.send(kinds.PDB_MESSAGE, line) and not self.ended:
                    time.sleep(DEAF_S)
        finally:
            self.writing = False
        if self.ended:
            raise OSError("the client has gone")

    def report_dropped(self):
        channel = self.session.channel
        unreported = channel.dropped - self.reported
        if unreported > 0 and channel.send(kinds.PDB_DROPPED, b"%d" % unreported):
            self.reported += unreported

    def flush(self):
        pass

    def readline(self):
        while True:
            while self.lines:
                line = self.lines.pop(0)
                if not line.startswith(kinds.CHECK_BLOCK):
                    return line
                self.session.channel.send(kinds.BLOCK_STATE, describe_block(line))
            if self.ended:
                return b""
            self.waiting = True
            if not self.lines:
                # What came before belongs to no reply. The listener and signals come in between lines like these only.
                self.session.interrupt_due = False
            self.arrived.acquire()
            self.waiting = False

    def is_waiting(self):
        """Whether nothing is under way: the client has still to answer."""
        return self.waiting and not self.lines

    def close(self):
        """pdb detaches."""
        self.session.over = True


def describe_block(line):
    """Says whether what was typed so far is a whole statement, as the standard library's client finds out itself."""
    import codeop
    import json
    import traceback

    try:
        complete = codeop.compile_command(json.loads(line)["block"], "<stdin>", "single") is not None
        return json.dumps({"complete": complete}).encode()
    except Exception as error:
        return json.dumps({"error": traceback.format_exception_only(error)[-1].strip()}).encode()
