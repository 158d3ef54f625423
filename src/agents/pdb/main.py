"""Runs the standard library's remote pdb in the target, over the connection to the client that the bootstrap has made.

The program is stopped where the request found it, as after `python -m pdb -p`.

Changes in the target, all undone when the session ends, and also when the client dies: the trace function of the
stopped thread (with `allThreads` of all threads) and of its frames, the breakpoints of bdb, pdb's note of its last
instance, its convenience variables in the globals of frames, builtins._ (`interact` sets it), the handler of a signal
that is otherwise ignored (SIGURG or SIGWINCH; it never reaches the program's own handlers), one thread that listens to
the client, and, only while a command runs, sys.stdout, sys.stderr and sys.displayhook (other threads write through)
and, to interrupt it outside the main thread, one sys.monitoring tool. What stays: the modules that pdb imports, and one
function in the list of what runs in a forked child, which does nothing any more.

Messages to the client: that the session begins, or why there is none; lines of pdb's own protocol; whether a text is a
whole statement; that an interrupt has to come as a request; how many bytes of output were dropped; that the session is
over. From the client: lines of pdb's own protocol, and beside them texts to be looked at, and interrupts.
"""

from ..program.frames import program_frame
from ..wire import kinds
from ..wire.channel import Channel
from .owner import find_debugger, is_session_below, session_of_process, take_process, take_thread
from .session import Session


def main(config, connection, place):
    """Starts the session; its first stop comes at the program's next instruction, when this has returned."""
    channel = Channel(connection)
    try:
        frame = program_frame()
        if frame is None:
            return refuse(channel, "no-frame", "no Python code runs in that thread")
        import pdb

        if pdb.__spec__._initializing:
            # This request runs within the import itself, which a client that has died began.
            refuse(channel, "leaving", "pdb is being imported")
        elif config.get("interrupt"):
            interrupt_here(pdb, channel, frame)
        else:
            begin(pdb, channel, place, config, frame)
    except BaseException as error:
        refuse(channel, "failed", type(error).__name__ + ": " + str(error))
    return None


def begin(pdb, channel, place, config, frame):
    """Makes the session, unless another one is there, or somebody else debugs the program."""
    owner = session_of_process(pdb)
    if owner is not None and not owner.is_leaving():
        return refuse(channel, "debugger", "a pdb of another client")
    if owner is not None or is_session_below():
        return refuse(channel, "leaving", "another session begins or ends")
    session = Session(pdb, channel, place, config)
    if not take_process(pdb, session):
        return refuse(channel, "leaving", "another session begins in another thread")
    begun = False
    try:
        take_thread()
        obstacle = find_debugger(pdb)
        if obstacle is None:
            session.start(frame, config["commands"])
            begun = True
        else:
            refuse(channel, "debugger", obstacle)
    finally:
        if not begun:
            session.abandon()


def refuse(channel, reason, text):
    # Not with json, which may be half imported.
    from _json import encode_basestring_ascii

    channel.send(kinds.PDB_REFUSED, ('{"reason":"%s","text":%s}' % (reason, encode_basestring_ascii(text))).encode())
    channel.connection.close()


def interrupt_here(pdb, channel, frame):
    """Stops a session's thread, which no signal reaches, where this request has found it."""
    session = session_of_process(pdb)
    channel.connection.close()
    if session is not None and not session.over:
        debugger = session.debugger_of_thread(frame)
        if not debugger.is_at_work():
            debugger.work(debugger.interrupt_at_next, frame)
