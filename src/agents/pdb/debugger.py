"""The debugger of one thread: the standard library's remote pdb with what Remora does differently. Part of pdb.

It changes nothing that its session does not undo; see main.py. `Debugger` is mixed into pdb's own server class, which
is imported only when a session begins.
"""

import posix
import sys

from ..program.frames import has_request, is_remora, is_request
from ..program.threads import _thread
from ..run.redirect import ABSENT, Link, Output, unlink
from ..wire import kinds
from .owner import all_frames, session_of
from .reach import CommandHook

# Kept, as the module is emptied before the last frames of a program that ends.
is_finalizing = sys.is_finalizing
settrace = sys.settrace


class Debugger:
    """Prints to the client, can be stopped at any moment, and leaves its thread when the session is over."""

    def __init__(self, session, owner=True, readrc=True):
        self.session = session
        self.thread = _thread.get_ident()
        self.working = False
        self.commanding = False
        self.interrupted = False
        self.tracing_wanted = True
        self.direct = False
        # Whether a request may have its turn in this thread: ours has now, or that of another client on which ours
        # lies.
        self.requested = True
        self.hook = CommandHook(self)
        self.module_frames = []
        self.variable_scopes = []
        with ReadlineHidden():
            # SIGINT stays the program's own: the session has a signal for itself.
            super().__init__(
                session.wire,
                owns_sockfile=owner,
                colorize=session.colorize,
                stdin=NoInput(),
                stdout=Output(None, self, None),
                nosigint=True,
                readrc=readrc,
            )

    # What the interpreter calls.

    def trace_dispatch(self, frame, event, arg):
        if is_finalizing():
            # Of the modules that pdb needs some are gone.
            settrace(None)
            return None
        # A signal for us can arrive while the program is stepped through, and so can the request of another client.
        if is_remora(frame) or self.is_requested(frame):
            return None
        traced = self.work(self.dispatch, frame, event, arg)
        if not self.session.over:
            return traced
        if self.may_release(frame):
            release_frame(frame)
        return None

    def dispatch(self, frame, event, arg):
        traced = super().trace_dispatch(frame, event, arg)
        if self.session.interrupt_due and not self.session.over:
            self.session.interrupt_due = False
            self.interrupt_at_next(frame)
        return traced

    def work(self, act, *args):
        """Does what may change the thread, unless the session is over. Who ends it meanwhile leaves the rest to us: it
        says so first and then looks whether we are at work, and we do both the other way round."""
        outer, self.working = self.working, True
        try:
            return None if self.session.over else act(*args)
        finally:
            self.working = outer
            if self.session.over and not outer:
                self.session.retire()
                self.release_frames()
                self.session.saved.restore_last(self)
                self.session.leave_thread()

    def is_requested(self, frame):
        """Whether a request has its turn in `frame`: what its code calls is not the program's to be stepped through."""
        if is_request(frame):
            self.requested = True
        elif self.requested:
            self.requested = has_request(frame)
        return self.requested

    def is_at_work(self):
        """Whether an interrupt has come in on top of the debugger itself, which then sees that it is due."""
        self.session.interrupt_due = self.session.interrupt_due or self.working
        return self.working

    # Stops.

    def interaction(self, frame, tb_or_exc):
        if not self.session.enter(self):
            self.set_quit()
            self.quitting = False
            return
        try:
            if self.session.all_threads and self.session.last_shown != self.thread:
                self.session.last_shown = self.thread
                self.say_thread()
            self.session.take_commands(self)
            with HandlerKept(self.session.pdb.Pdb):
                super().interaction(frame, tb_or_exc)
        finally:
            self.session.leave(self)

    def say_thread(self):
        import json

        native, name = _thread.get_native_id(), thread_name(self.thread)
        ids = {"id": self.thread, "nativeId": native, "name": name}
        self.session.channel.send(kinds.PDB_THREAD, json.dumps(ids).encode())
        self.message("[thread %d (%s)]" % (native, name))

    def interrupt_at_next(self, frame):
        """Stops at the next instruction of `frame`, which runs when the caller has returned, and every other
        request."""
        self.requested = True
        self.message("\nProgram interrupted. (Use 'cont' to resume).")
        self.set_step()
        self.set_trace(frame)

    def interrupt_program(self, frame):
        """Stops on top of `frame`, here and now: it may sit in a system call that does not return for an hour."""
        # While the program is stepped through, what is called here would be stepped through as well.
        sys.settrace(None)
        self.message("\nProgram interrupted. (Use 'cont' to resume).")
        self.direct = True
        try:
            self.set_trace(frame)
            self.trace_dispatch(frame, "line", None)
        finally:
            self.direct = False
        if self.tracing_wanted and not self.session.over:
            sys.settrace(self.trace_dispatch)

    def interrupt_command(self):
        """In this thread, at a prompt or while a command runs."""
        if not self.commanding:
            self.session.interrupt_due = not self.session.wire.is_waiting()
        elif self.session.wire.writing:
            self.interrupted = True
        else:
            raise KeyboardInterrupt

    def start_trace(self):
        self.tracing_wanted = True
        # Not on top of our own frames: it starts when the last of them has gone.
        if not self.direct:
            super().start_trace()

    def stop_trace(self):
        self.tracing_wanted = False
        super().stop_trace()

    def set_no_stop(self):
        self._set_stopinfo(self.botframe, None, -1)

    def set_continue(self):
        super().set_continue()
        if self.session.all_threads:
            # Another thread may set a breakpoint for this one.
            self.start_trace()

    def set_break(self, *args, **kwargs):
        answer = super().set_break(*args, **kwargs)
        if self.session.all_threads:
            for frame in all_frames():
                if frame.f_trace is None and self.break_anywhere(frame):
                    frame.f_trace = self.session.thread_trace
        return answer

    # Commands.

    def onecmd(self, line):
        return self.command(super().onecmd, line)

    def _run_in_python_repl(self, lines):
        return self.command(self.run_block, lines)

    def command(self, run, line):
        """Runs one command; what it prints goes to the client."""
        outer = self.commanding
        links = [(name, kind(getattr(sys, name, ABSENT), self)) for name, kind in REDIRECTED]
        for name, link in links:
            setattr(sys, name, link)
        try:
            with self.session.lock:
                self.commanding = True
            self.raise_if_interrupted()
            return run(line) if self.thread == self.session.signal.thread else self.run_untraced(run, line)
        finally:
            self.commanding = outer
            self.hook.end()
            for name, link in links:
                unlink(name, link)

    def run_untraced(self, run, line):
        """Runs a command where the hook can reach it: the interpreter has no events for what a trace function runs,
        unless that is called for tracing, which must then not trace."""
        outer, wanted = self.direct, sys.gettrace() is not None or self.tracing_wanted
        self.direct, self.tracing_wanted = True, wanted
        sys.settrace(None)
        try:
            return sys.call_tracing(self.run_reachable, (run, line))
        finally:
            self.direct = outer
            if self.tracing_wanted and not self.direct and not self.session.over:
                sys.settrace(self.trace_dispatch)

    def run_reachable(self, run, line):
        """The outermost frame that the hook reaches."""
        return run(line)

    def in_script(self):
        return _thread.get_ident() == self.thread and posix.getpid() == self.session.process

    @property
    def channel(self):
        """To which `Output` sends."""
        return self

    def send_output(self, kind, data):
        self.message(data.decode("utf-8", "backslashreplace"), end="")

    def _send(self, **message):
        super()._send(**message)
        if self.interrupted:
            self.interrupted = False
            self.session.interrupt_due = True
            self.raise_if_interrupted()

    def raise_if_interrupted(self):
        if self.commanding and self.session.interrupt_due:
            self.session.interrupt_due = False
            raise KeyboardInterrupt

    def do_help(self, arg):
        pdb = self.session.pdb
        if arg == "pdb":
            text = pdb.__doc__ or ""
        else:
            import io

            output = io.StringIO()
            with ReadlineHidden():
                pdb.Pdb(stdin=NoInput(), stdout=output, readrc=False).do_help(arg)
            text = output.getvalue()
        self._send(help=arg, text=text)

    do_h = do_help

    def _create_recursive_debugger(self):
        return self.session.debugger_type(self.session, owner=False)

    @property
    def rlcompleter(self):
        # Importing it with readline would change what the program's own prompts complete.
        known = "rlcompleter" in sys.modules
        with ReadlineHidden():
            from rlcompleter import Completer
        if not known:
            del sys.modules["rlcompleter"]
        return Completer

    # What has to be undone.

    def set_convenience_variable(self, frame, name, value):
        self.variable_scopes.append(frame.f_globals)
        super().set_convenience_variable(frame, name, value)
        if frame.f_code.co_name == "<module>":
            self.module_frames.append(frame)

    def forget_variables(self):
        for scope in self.variable_scopes:
            scope.pop("__pdb_convenience_variables", None)
        for frame in self.module_frames:
            for name in ("__return__", "__exception__"):
                frame.f_globals.pop(name, None)
        self.variable_scopes.clear()
        self.module_frames.clear()

    def release_frames(self):
        for frame, (lines, _) in self.frame_trace_lines_opcodes.items():
            if self.may_release(frame):
                release_frame(frame)
                frame.f_trace_lines = lines
        self.frame_trace_lines_opcodes = {}

    def may_release(self, frame):
        """Not one that the next session has taken, which stops all threads: this one may hear of it late."""
        return frame.f_trace is None or session_of(frame.f_trace) is self.session


class HandlerKept:
    """At a prompt pdb puts back the handler of SIGINT that was there before its last `continue`. One that the program's
    own pdb has left behind is that one's to put back."""

    def __init__(self, pdb_type):
        self.pdb_type = pdb_type

    def __enter__(self):
        self.handler, self.pdb_type._previous_sigint_handler = self.pdb_type._previous_sigint_handler, None

    def __exit__(self, *_):
        self.pdb_type._previous_sigint_handler = self.handler


def release_frame(frame):
    if frame.f_trace_opcodes:
        frame.f_trace_opcodes = False
    frame.f_trace = None


def thread_name(ident):
    import threading

    thread = threading._active.get(ident)
    return "?" if thread is None else thread.name


class Printed(Output):
    """Stands for sys.stdout or sys.stderr while a command runs."""

    def __init__(self, previous, debugger):
        Output.__init__(self, previous, debugger, None)


class Shown(Link):
    """Stands for sys.displayhook while a command runs: its thread shows values as pdb does."""

    def __call__(self, value):
        hook = vars(self.run.session.own_sys).get("displayhook", self)
        if hook is self or not self.run.in_script():
            hook = self.remora_previous
        hook(value)


REDIRECTED = (("stdout", Printed), ("stderr", Printed), ("displayhook", Shown))


class OwnSys:
    """What pdb's own methods take for sys. They put back what they have found there, and what other clients have put
    on top meanwhile would be lost: what they put here has no effect but that of `Shown`."""

    def __getattr__(self, name):
        return getattr(sys, name)


def make_debugger_type(pdb, own_sys):
    def with_own_sys(function):
        return type(function)(function.__code__, {**vars(pdb), "sys": own_sys}, closure=function.__closure__)

    statements = type("Statements", (), {"default": with_own_sys(pdb.Pdb.default)})
    block = with_own_sys(pdb._PdbServer._run_in_python_repl)
    # In this order the server's own method calls ours where it would call that of `Pdb`.
    bases = (Debugger, pdb._PdbServer, statements, pdb.Pdb)
    return type("Debugger", bases, {"__doc__": pdb.Pdb.__doc__, "run_block": block})


class NoInput:
    """Stands for sys.stdin while a statement runs: the program's own input is not the client's to read."""

    def readline(self, size=-1):
        return ""


class ReadlineHidden:
    """pdb changes the settings of readline where it can import it, and importing it alone changes the process."""

    def __enter__(self):
        self.module = sys.modules.get("readline", self)
        sys.modules["readline"] = None

    def __exit__(self, *_):
        if self.module is self:
            del sys.modules["readline"]
        else:
            sys.modules["readline"] = self.module
