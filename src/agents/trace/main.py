"""Lets the program go on at once, and makes the tracer in a thread of its own.

Changes in the target, all undone when the client leaves or dies: one thread, one sys.monitoring tool, and what
tracer.py says. In a child that the program forks the tool is freed and the connection closed.
"""

import posix
import sys

from ..program.monitoring import free_tool_id
from ..program.threads import _thread
from ..wire.rendezvous import remove_rendezvous
from .tracer import Tracer

TOOL_IDS = (3, 4, 5, 2, 1, 0)
LEAVING_TRIES = 100


def main(config, connection, place):
    """Returns when the thread has been started."""
    session = Session(config, connection, place)
    session.watch_forks()
    _thread.start_new_thread(session.run, ())


class Session:
    """What is to be left as it was: the tool and the connection, in this process and in its children."""

    def __init__(self, config, connection, place):
        self.config = config
        self.place = place
        self.connection = connection
        self.process = posix.getpid()
        self.tool = next((tool for tool in TOOL_IDS if take(tool)), None)
        self.fork_code = None

    def watch_forks(self):
        """Has threading's own hook, which runs in every forked child first of all, tell us of the fork."""
        hook = vars(sys.modules.get("threading", sys)).get("_after_fork")
        if type(hook) is type(take) and self.tool is not None:
            event = sys.monitoring.events.PY_START
            self.fork_code = hook.__code__
            sys.monitoring.register_callback(self.tool, event, self.after_fork)
            sys.monitoring.set_local_events(self.tool, self.fork_code, event)

    def is_child(self):
        return posix.getpid() != self.process

    def after_fork(self, _code, _where):
        """In a child nothing of ours stays."""
        if self.is_child():
            self.free_tool()
            self.connection.close()

    def free_tool(self):
        tool, self.tool = self.tool, None
        if tool is not None:
            free_tool_id(tool)

    def run(self):
        tracer = None
        try:
            tracer = Tracer(self)
            tracer.run()
        except BaseException:
            # There is no way to say so: the client sees the end of the connection.
            pass
        finally:
            self.free_tool()
            if tracer is None or tracer.has_lost_client():
                remove_rendezvous(self.place)
            # The end of the connection is the last thing that the client sees: all else is done by then.
            connection = self.connection
            take_apart(globals(), [self, tracer, *(tracer.parts() if tracer is not None else ())])
            connection.close()


def take(tool):
    """Takes the tool id, if it is free."""
    try:
        sys.monitoring.use_tool_id(tool, "remora")
        return True
    except ValueError:
        return False


def take_apart(names, instances):
    """Leaves nothing that waits for the garbage collector: there are programs that run it seldom, or never."""
    functions = (type(take_apart), classmethod)
    if is_left(names):
        kinds = [one for one in names.values() if type(one) is type]
        names.clear()
        for one in instances:
            if one is not None:
                vars(one).clear()
        for kind in kinds:
            for name in [name for name, value in vars(kind).items() if type(value) in functions]:
                delattr(kind, name)


def is_left(names):
    """Whether the program's threads have come out of our callbacks; new ones do not begin, but one may be in the
    middle."""
    lock = _thread.allocate_lock()
    lock.acquire()
    own = _thread.get_ident()
    for _ in range(LEAVING_TRIES):
        frames = [frame for thread, frame in sys._current_frames().items() if thread != own]
        if not any(is_within(frame, names) for frame in frames):
            return True
        lock.acquire(timeout=0.001)
    return False


def is_within(frame, names):
    while frame is not None:
        if frame.f_globals is names:
            return True
        frame = frame.f_back
    return False
