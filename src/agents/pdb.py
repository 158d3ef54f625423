"""Runs the standard library's remote pdb in the target, over the connection to the client that the bootstrap has made.

The sources of channel.py, program_frame.py, redirect.py, alarm.py and strike.py stand before this one, those of
pdb_wire.py, pdb_reach.py and pdb_debugger.py behind it. The program is stopped where the request found it, as after
`python -m pdb -p`.

Changes in the target, all undone when the session ends, and also when the client dies: the trace function of the
stopped thread (with `allThreads` of all threads) and of its frames, the breakpoints of bdb, pdb's note of its last
instance, its convenience variables in the globals of frames, builtins._ (`interact` sets it), the handler of a signal
that is otherwise ignored (SIGURG or SIGWINCH; it never reaches the program's own handlers), one thread that listens to
the client, and, only while a command runs, sys.stdout, sys.stderr and sys.displayhook (other threads write through) and,
to interrupt it outside the main thread, one sys.monitoring tool. What stays: the modules that pdb imports, and one
function in the list of what runs in a forked child, which does nothing any more.

Messages to the client: `s`, the session begins; `p`, a line of pdb's own protocol; `b`, the answer to a block; `i`, an
interrupt has to come by a request; `d`, bytes of output that were dropped; `q`, the session is over; `x`, why there is
none. From the client: lines of pdb's own protocol, and beside them objects with `block` (a text: is it a whole
statement?) or `interrupt` in them.
"""

import posix
import sys


def main(config, connection, place):
    """Starts the session; its first stop comes at the program's next instruction, when this has returned."""
    channel = Channel(connection)
    try:
        frame = program_frame()
        if frame is None:
            return refuse(channel, "no-frame", "no Python code runs in that thread")
        import pdb

        if pdb.__spec__._initializing:
            # This request has come by in the import itself, of a client that has died meanwhile.
            refuse(channel, "leaving", "pdb is being imported")
        elif config.get("interrupt"):
            interrupt_here(pdb, channel, frame)
        elif hasattr(pdb, "_remora_beginning"):
            # This request has come by while another one makes its session, for a client that may have died.
            refuse(channel, "leaving", "another session is about to begin")
        elif is_session_leaving(pdb):
            refuse(channel, "leaving", "the session of a client that has died is about to end")
        else:
            begin(pdb, channel, place, config, frame)
    except BaseException as error:
        refuse(channel, "failed", type(error).__name__ + ": " + str(error))
    return None


def begin(pdb, channel, place, config, frame):
    """Makes the session, unless somebody else debugs the program. Two at once would take each other's trace function."""
    pdb._remora_beginning = True
    try:
        obstacle = find_debugger(pdb)
        if obstacle is None:
            Session(pdb, channel, place, config).start(frame, config["commands"])
        else:
            refuse(channel, "debugger", obstacle)
    finally:
        del pdb._remora_beginning


def refuse(channel, reason, text):
    # Not with json, which may be half imported.
    from _json import encode_basestring_ascii

    channel.send(b"x", ('{"reason":"%s","text":%s}' % (reason, encode_basestring_ascii(text))).encode())
    channel.connection.close()


def interrupt_here(pdb, channel, frame):
    """Stops a session's thread, which no signal reaches, where this request has found it."""
    session = getattr(pdb.Pdb._last_pdb_instance, "session", None)
    channel.connection.close()
    if session is not None and not session.over:
        debugger = session.debugger_of_thread(frame)
        if not debugger.is_at_work(frame):
            debugger.interrupt_at_next(frame)


def is_session_leaving(pdb):
    """Whether a session of ours is about to go: its client has died, and its thread has yet to hear of it."""
    for owner in (pdb.Pdb._last_pdb_instance, getattr(sys.gettrace(), "__self__", None)):
        session = getattr(owner, "session", None)
        if session is not None and session.is_leaving():
            return True
    return False


def find_debugger(pdb):
    """Who else debugs the program, in words; None where nobody does. A session that is over is nobody."""
    trace = sys.gettrace()
    instance = pdb.Pdb._last_pdb_instance
    if instance is None:
        return None if trace is None else "%r traces this thread" % (trace,)
    for frame in all_frames():
        if frame.f_locals.get("self") is instance and frame.f_code.co_name == "interaction":
            return "a pdb of the program's own, or of another client, waits at its prompt"
    if instance.breaks or getattr(trace, "__self__", None) is instance:
        return "a pdb of the program's own, or of another client, has breakpoints or is stepping"
    return None if trace is None else "%r traces this thread" % (trace,)


def all_frames():
    """Every frame of every thread."""
    for frame in sys._current_frames().values():
        while frame is not None:
            yield frame
            frame = frame.f_back


class Session:
    """The client, and the debuggers that share it: one, or with `allThreads` one for each thread that has to stop."""

    def __init__(self, pdb, channel, place, config):
        self.pdb = pdb
        self.channel = channel
        self.place = place
        self.colorize = config["colorize"]
        self.all_threads = config["allThreads"]
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
        self.alarm = SessionAlarm(self)
        self.listener = Listener(self)
        self.saved = SavedState(pdb)

    def start(self, frame, commands):
        debugger = self.debugger_type(self)
        self.debuggers[debugger.thread] = debugger
        self.listener.start()
        self.alarm.install()
        session_in_child(self)
        if self.all_threads:
            self.trace_all_threads()
        debugger.rcLines.extend(commands)
        self.channel.send(b"s", b"")
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
        if debugger is not None and debugger.thread != self.alarm.thread:
            # A prompt can be open within a command: `commands` and `debug` have their own.
            if not self.wire.is_waiting():
                debugger.strike.interrupt()
        elif not self.alarm.interrupt():
            self.channel.send(b"i", b"")

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
        else:
            self.retire()
            self.alarm.ring()

    def finish(self):
        """Ends the session, in the thread that has said so."""
        self.retire()
        self.leave_thread()
        self.listener.stop()

    def leave_thread(self):
        """What can only be undone in the thread itself."""
        self.alarm.remove()
        # Last of all: by this, the next session sees that it has to wait.
        if getattr(sys.gettrace(), "__self__", None) in (self, *self.debuggers.values()):
            sys.settrace(None)

    def retire(self):
        """Undoes everything that any thread can undo, once: by then another session may have begun."""
        with self.lock:
            if self.retired:
                return
            self.over = self.retired = True
        if self.all_threads:
            import threading

            threading.settrace(self.thread_trace_before)
            sys._settraceallthreads(None)
        for debugger in self.debuggers.values():
            debugger.release_frames()
        ours = (self, *self.debuggers.values())
        for frame in all_frames():
            if getattr(frame.f_trace, "__self__", None) in ours:
                release_frame(frame)
        self.saved.restore(list(self.debuggers.values()))
        if self.channel.gone and self.place is not None:
            remove_rendezvous(self.place)

    def become_child(self):
        """In a child that the program has forked: it has inherited all of this, and nothing of it is its own."""
        self.over = self.wire.ended = True
        self.channel.gone = True
        self.place = None
        # A thread that there is no more may have held it.
        self.lock = _thread.allocate_lock()
        self.retire()
        self.leave_thread()
        self.channel.connection.close()
        self.listener.connection.close()


def session_in_child(session):
    """Makes a forked child forget the session. There is no way to take a function from that list: one serves them all."""
    import pdb

    sessions = vars(pdb).setdefault("_remora_sessions", [])
    if not sessions:
        sessions.append(None)

        def forget():
            session = sessions[0]
            if session is not None:
                sessions[0] = None
                session.become_child()

        posix.register_at_fork(after_in_child=forget)
    sessions[0] = session


class SavedState:
    """What pdb keeps in its modules: as it was before the session."""

    def __init__(self, pdb):
        breakpoint = pdb.bdb.Breakpoint
        self.pdb = pdb
        self.last = pdb.Pdb._last_pdb_instance
        self.next = breakpoint.next
        self.by_place = {place: list(ones) for place, ones in breakpoint.bplist.items()}
        self.by_number = list(breakpoint.bpbynumber)
        self.times = dict(pdb.Pdb._file_mtime_table)
        self.underscore = vars(pdb.builtins).get("_", self)
        self.module = "rlcompleter" in sys.modules

    def restore(self, debuggers):
        breakpoint = self.pdb.bdb.Breakpoint
        breakpoint.next = self.next
        breakpoint.bplist.clear()
        breakpoint.bplist.update(self.by_place)
        breakpoint.bpbynumber[:] = self.by_number
        for debugger in debuggers:
            self.restore_last(debugger)
        self.pdb.Pdb._file_mtime_table.clear()
        self.pdb.Pdb._file_mtime_table.update(self.times)
        if self.underscore is not self:
            self.pdb.builtins._ = self.underscore
        else:
            vars(self.pdb.builtins).pop("_", None)
        sessions = vars(self.pdb).get("_remora_sessions")
        if sessions:
            sessions[0] = None
        for debugger in debuggers:
            debugger.breaks.clear()
            debugger.forget_variables()

    def restore_last(self, debugger):
        if self.pdb.Pdb._last_pdb_instance is debugger:
            self.pdb.Pdb._last_pdb_instance = self.last
