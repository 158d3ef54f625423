"""How a session reaches a thread that is busy or blocked: the main one by a signal, others by sys.monitoring.

It changes the handler of one unused signal, and for a moment one sys.monitoring tool; its session undoes both. Part of
pdb.py.
"""


class SessionAlarm(Alarm):
    """The alarm of a session."""

    def __init__(self, session):
        self.session = session

    def remove(self):
        if self.signal is None:
            return
        if _thread.get_ident() != self.thread:
            self.ring()
            return
        Alarm.remove(self)

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
        """Called by the listener. A command that has yet to begin finds the interrupt due."""
        monitoring = sys.monitoring
        session = self.debugger.session
        with session.lock:
            self.free_tool()
            if not self.debugger.commanding:
                session.interrupt_due = not session.wire.is_waiting()
                return
            self.tool = next((tool for tool in (4, 3, 2, 1, 0) if monitoring.get_tool(tool) is None), None)
            if self.tool is None:
                return
            monitoring.use_tool_id(self.tool, "remora")
            event = monitoring.events.INSTRUCTION
            monitoring.register_callback(self.tool, event, self.strike)
            reached = set()
            # The thread runs on, and may have called what it never returns from.
            while new := self.command_codes() - reached:
                for code in new:
                    monitoring.set_local_events(self.tool, code, event)
                reached |= new

    def command_codes(self):
        """The code of the command's frames but for ours, which may be half through a message, and of the one that runs
        it, which the thread may be about to enter."""
        outermost = Debugger.run_reachable.__code__
        codes = {outermost}
        frame = sys._current_frames().get(self.debugger.thread)
        while frame is not None and frame.f_code is not outermost:
            if frame.f_code.co_filename != "<remora>":
                codes.add(frame.f_code)
            frame = frame.f_back
        return codes if frame is not None else {outermost}

    def strike(self, code, offset):
        if _thread.get_ident() == self.debugger.thread and self.debugger.commanding:
            self.end()
            raise KeyboardInterrupt

    def end(self):
        with self.debugger.session.lock:
            self.free_tool()

    def free_tool(self):
        tool, self.tool = self.tool, None
        if tool is not None:
            sys.monitoring.free_tool_id(tool)
