"""One client's session with pdb: the debuggers that it has, whose turn it is, and how all of it is undone. Part of pdb.

Its changes, and that they are undone, are said by main.py.
"""

import posix
import sys

from ..program.threads import _thread
from ..wire import kinds
from ..wire.rendezvous import remove_rendezvous
from .connection import Listener, Wire
from .debugger import OwnSys, make_debugger_type, release_frame
from .owner import all_frames, forget_in_child, leave_process, session_of
from .reach import SessionSignal
from .saved_state import SavedState


class Session:
    """The client, and the debuggers that share it: one, or with `allThreads` one for each thread that has to stop."""

    def __init__(self, pdb, channel, place, config):
        self.pdb = pdb
        self.channel = channel
        self.place = place
        self.colorize = config["colorize"]
        self.all_threads = config["allThreads"]
        self.traces_threads = False
        self.process = posix.getpid()
        self.own_sys = OwnSys()
        self.debugger_type = make_debugger_type(pdb, self.own_sys)
        self.debuggers = {}
        self.wire = Wire(self)
        # Whose turn it is to talk with the client, and how deep `debug` has nested it.
        self.turn = _thread.allocate_lock()
        self.inside = None
        self.owner = None
        self.depth = 0
        self.last_shown = None
        # An interrupt that came between a reply and what it sets going.
        self.interrupt_due = False
        self.over = False
        self.retired = False
        self.lock = _thread.allocate_lock()
        self.signal = SessionSignal(self)
        self.listener = None
        self.saved = None

    def start(self, frame, commands):
        forget_in_child(self.pdb)
        self.saved = SavedState(self.pdb)
        debugger = self.debugger_type(self)
        self.debuggers[debugger.thread] = debugger
        debugger.work(self.stop_program, debugger, frame, commands)

    def stop_program(self, debugger, frame, commands):
        self.listener = Listener(self)
        self.listener.start()
        self.signal.install()
        if self.all_threads:
            self.trace_all_threads()
        debugger.rcLines.extend(commands)
        self.channel.send(kinds.PDB_BEGUN, b"")
        debugger.set_trace(frame=frame)

    @property
    def session(self):
        """Its own trace function is asked for it as those of its debuggers are."""
        return self

    def is_leaving(self):
        import select

        if self.over or self.wire.ended:
            return True
        poll = select.poll()
        poll.register(self.channel.connection.fileno(), select.POLLRDHUP)
        return bool(poll.poll(0))

    def trace_all_threads(self):
        import threading

        self.thread_trace_before = threading.gettrace()
        self.traces_threads = True
        threading.settrace(self.thread_trace)
        sys._settraceallthreads(self.thread_trace)
        # Not this thread: here it would be our own code that is traced.
        sys.settrace(None)
        for thread, frame in sys._current_frames().items():
            while frame is not None and thread != _thread.get_ident():
                frame.f_trace = self.thread_trace
                frame = frame.f_back

    def thread_trace(self, frame, event, arg):
        """The trace function of a thread that has not had to stop so far."""
        if self.over:
            sys.settrace(None)
            return None
        debugger = self.debugger_of_thread(frame)
        sys.settrace(debugger.trace_dispatch)
        return debugger.trace_dispatch(frame, event, arg)

    def debugger_of_thread(self, frame):
        """The calling thread's debugger; a new one stops at breakpoints only."""
        thread = _thread.get_ident()
        debugger = self.debuggers.get(thread)
        if debugger is None:
            first = next(iter(self.debuggers.values()))
            debugger = self.debugger_type(self, readrc=False)
            debugger.breaks, debugger.commands, debugger.aliases = first.breaks, first.commands, first.aliases
            debugger.reset()
            while frame.f_back is not None:
                frame = frame.f_back
            debugger.botframe = frame
            debugger.set_no_stop()
            self.debuggers[thread] = debugger
        return debugger

    def enter(self, debugger):
        """Takes the turn to talk with the client; False where there is none any more."""
        if self.owner == _thread.get_ident():
            self.depth += 1
            return True
        self.turn.acquire()
        with self.lock:
            if self.over or self.wire.ended:
                self.turn.release()
                return False
            self.inside = debugger
            self.owner = _thread.get_ident()
        return True

    def take_commands(self, debugger):
        """Commands that were given for the beginning go on where the program stops next, in whichever thread."""
        for other in list(self.debuggers.values()):
            if other is not debugger and self.depth == 0:
                debugger.cmdqueue, other.cmdqueue = debugger.cmdqueue + other.cmdqueue, []

    def leave(self, debugger):
        if self.depth > 0:
            self.depth -= 1
            return
        with self.lock:
            self.inside = self.owner = None
            # A client that died meanwhile has left it to us.
            self.over = self.over or self.wire.ended
        if self.over:
            self.finish()
        self.turn.release()

    def interrupt(self):
        """Ctrl-C, or the end of the client, as the listener has heard it: stops the program or the command."""
        debugger = self.inside
        if debugger is not None and debugger.thread != self.signal.thread:
            # A prompt can be open within a command: `commands` and `debug` have their own.
            if not self.wire.is_waiting():
                debugger.hook.interrupt()
        elif not self.signal.interrupt():
            self.channel.send(kinds.INTERRUPT_BY_REQUEST, b"")

    def client_has_gone(self):
        """Called by the listener, once. At a prompt, or in a command, the debugger ends the session itself."""
        self.channel.gone = True
        with self.lock:
            self.wire.end()
            busy = self.inside is not None
            if not busy:
                self.over = True
        if busy:
            self.interrupt()
            return
        if not any(debugger.working for debugger in list(self.debuggers.values())):
            self.retire()
        self.signal.send()

    def finish(self):
        """Ends the session, in the thread that has said so."""
        self.retire()
        self.leave_thread()
        self.listener.stop()

    def leave_thread(self):
        """What can only be undone in the thread itself."""
        self.signal.remove()
        if session_of(sys.gettrace()) is self:
            sys.settrace(None)

    def abandon(self):
        """Where it cannot begin."""
        self.retire()
        self.leave_thread()

    def retire(self):
        """Undoes everything that any thread can undo, once; then another session may begin."""
        with self.lock:
            if self.retired:
                return
            self.over = self.retired = True
        try:
            self.undo()
        finally:
            leave_process(self.pdb)

    def undo(self):
        if self.traces_threads:
            import threading

            threading.settrace(self.thread_trace_before)
            sys._settraceallthreads(None)
        debuggers = list(self.debuggers.values())
        for debugger in debuggers:
            debugger.release_frames()
        for frame in all_frames():
            if session_of(frame.f_trace) is self:
                release_frame(frame)
        if self.saved is not None:
            self.saved.restore(debuggers)
        if self.channel.gone and self.place is not None:
            remove_rendezvous(self.place)

    def become_child(self):
        """In a child that the program has forked: it has inherited all of this, and nothing of it is its own."""
        self.over = self.wire.ended = True
        self.channel.gone = True
        self.place = None
        # A thread that there is no more may have held it.
        self.lock = _thread.allocate_lock()
        # Or have been about to undo it.
        self.retired = False
        self.retire()
        self.leave_thread()
        self.channel.connection.close()
        if self.listener is not None:
            self.listener.connection.close()
