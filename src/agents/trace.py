"""Lets the program go on at once, and makes the tracer in a thread of its own.

The source of channel.py stands before this one. The tracer's own parts come with the configuration, and each is compiled
by itself, in the thread: compiling all of them takes tens of milliseconds, during which the interpreter runs nothing else.

Changes in the target, all undone when the client leaves or dies: one thread, one sys.monitoring tool, and what
trace_tracer.py lists. In a child that the program forks the tool is freed and the connection closed.
"""

import posix
import sys

TOOL_IDS = (3, 4, 5, 2, 1, 0)


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
            sys.monitoring.free_tool_id(tool)

    def run(self):
        tracer = None
        try:
            for source in self.config["parts"]:
                exec(compile(source, "<remora>", "exec", dont_inherit=True), globals())
            tracer = globals()["Tracer"](self)
            tracer.run()
        except BaseException:
            # There is no way to say so: the client sees the end of the connection.
            pass
        finally:
            self.free_tool()
            self.connection.close()
            if tracer is None or tracer.has_lost_client():
                remove_rendezvous(self.place)


def take(tool):
    """Takes the tool id, if it is free."""
    try:
        sys.monitoring.use_tool_id(tool, "remora")
        return True
    except ValueError:
        return False
