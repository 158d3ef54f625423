"""How a session reaches a thread that is busy or blocked: the main one by a signal, others by sys.monitoring.

It changes the handler of one unused signal, and for a moment one sys.monitoring tool; its session undoes both. Part of
pdb.py.
"""

import _signal


class Alarm:
    """Reaches the main thread at once, wherever it is: by a signal that the program does not use and that is ignored
    where nobody handles it, so that one which comes late does no harm."""

    def __init__(self, session):
        self.session = session
        self.signal = None
        self.thread = None

    def install(self):
        blocked = _signal.pthread_sigmask(_signal.SIG_BLOCK, [])
        for number in (_signal.SIGURG, _signal.SIGWINCH):
            if _signal.getsignal(number) == _signal.SIG_DFL and number not in blocked:
                try:
                    _signal.signal(number, self.on_signal)
                except ValueError:
                    return  # Not the main thread.
                self.signal = number
                self.thread = _thread.get_ident()
                return

    def ring(self):
        if self.signal is None:
            return False
        _signal.pthread_kill(self.thread, self.signal)
        return True

    def remove(self):
        if self.signal is None:
            return
        if _thread.get_ident() != self.thread:
            self.ring()
            return
        if _signal.getsignal(self.signal) == self.on_signal:
            _signal.signal(self.signal, _signal.SIG_DFL)
        self.signal = None

    def on_signal(self, number, frame):
        session = self.session
        if session.over:
            session.leave_thread()
            return
        debugger = session.debuggers.get(self.thread)
        if debugger is None:
            debugger = session.debugger_of_thread(frame)
        if session.inside is debugger:
            debugger.interrupt_command()
        elif not debugger.is_at_work(frame):
            debugger.interrupt_program(frame)


class Strike:
    """KeyboardInterrupt in a thread that no signal reaches: at the next instruction of the command that it runs."""

    def __init__(self, debugger):
        self.debugger = debugger
        self.tool = None

    def begin(self):
        monitoring = sys.monitoring
        self.end()
        self.tool = next((tool for tool in (4, 3, 2, 1, 0) if monitoring.get_tool(tool) is None), None)
        if self.tool is None:
            return
        monitoring.use_tool_id(self.tool, "remora")
        event = monitoring.events.INSTRUCTION
        monitoring.register_callback(self.tool, event, self.strike)
        for code in self.command_codes():
            monitoring.set_local_events(self.tool, code, event)

    def command_codes(self):
        """The code of every frame from the innermost to the one of ours that runs the command."""
        frame = sys._current_frames().get(self.debugger.thread)
        while frame is not None and frame.f_code.co_filename != "<remora>":
            yield frame.f_code
            frame = frame.f_back

    def strike(self, code, offset):
        if _thread.get_ident() == self.debugger.thread and self.debugger.commanding:
            self.end()
            raise KeyboardInterrupt

    def end(self):
        tool, self.tool = self.tool, None
        if tool is not None:
            sys.monitoring.free_tool_id(tool)
