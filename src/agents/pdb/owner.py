"""Who debugs the program: one session of ours at a time, or somebody else. Part of pdb.

pdb's module names the session that owns the debugging of the process, from before its first change until everything is
undone that any thread can undo. What is then left of it in a thread, only that thread can take away: its next event
does so, or the next session that begins there. That one begins only where no step of the other lies below it, which
would go on, and take for its own what is the next one's by then.

It changes what main.py says: that name, and what runs in a forked child.
"""

import _signal
import posix
import sys

from ..program.frames import is_remora


def session_of_process(pdb):
    """The session that owns the debugging of the process, or None."""
    return vars(pdb).get("_remora_session")


def take_process(pdb, session):
    """Whether it is ours now: in one step, as another thread may be asked at the same time."""
    return vars(pdb).setdefault("_remora_session", session) is session


def leave_process(pdb):
    vars(pdb).pop("_remora_session", None)


def session_of(method):
    """The session of ours, in whatever thread, that a trace function or signal handler belongs to, or None."""
    session = getattr(getattr(method, "__self__", None), "session", None)
    return session if type(session).__module__ == __name__ else None


def is_session_below():
    """Whether this request runs in the midst of another session's steps: they would go on with what is ours."""
    frame = sys._getframe(1)
    while frame is not None:
        if is_remora(frame) and "find_debugger" in frame.f_globals and frame.f_globals is not globals():
            return True
        frame = frame.f_back
    return False


def take_thread():
    """Takes away what a session that is over has left in this thread, which has run no line since."""
    handlers = map(_signal.getsignal, (_signal.SIGURG, _signal.SIGWINCH))
    for left in (sys.gettrace(), *handlers):
        session = session_of(left)
        if session is not None:
            session.leave_thread()


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


def forget_in_child(pdb):
    """Makes a forked child forget a session. There is no way to take a function from that list: one serves them all."""

    def forget():
        session = session_of_process(pdb)
        if session is not None:
            session.become_child()

    if vars(pdb).setdefault("_remora_forget", forget) is forget:
        posix.register_at_fork(after_in_child=forget)
