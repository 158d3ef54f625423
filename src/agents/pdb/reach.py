"""How a session reaches a thread that is busy or blocked: the main one by a signal, others at their next instruction.

It changes what main_thread_signal.py and instruction_hook.py say; its session undoes both. Part of pdb.
"""

import sys

from ..program.frames import has_request, is_remora, is_request
from ..program.instruction_hook import InstructionHook
from ..program.main_thread_signal import MainThreadSignal
from ..program.threads import _thread


class SessionSignal(MainThreadSignal):
    """The signal of a session. What it does waits for as long as another request has its turn in the thread: that one
    is not to be interrupted."""

    def __init__(self, session):
        self.session = session
        self.due = False
        self.missed = False

    def interrupt(self):
        """Called by the listener, which then has to insist. False where no signal reaches the thread."""
        self.due = self.number is not None
        return self.send()

    def insist(self):
        if self.missed and not has_request(sys._current_frames().get(self.thread)):
            self.missed = False
            self.send()

    def remove(self):
        if self.number is None:
            return
        if _thread.get_ident() != self.thread:
            self.send()
            return
        self.due = False
        MainThreadSignal.remove(self)

    def on_signal(self, number, frame):
        session = self.session
        debugger = session.debuggers[self.thread]
        if session.over:
            # A thread that is at work leaves when that is done.
            if not debugger.working:
                session.leave_thread()
            return
        if has_request(frame):
            self.missed = True
            return
        self.due = False
        if session.inside is debugger:
            debugger.interrupt_command()
        elif not debugger.is_at_work():
            debugger.work(debugger.interrupt_program, frame)


class CommandHook(InstructionHook):
    """KeyboardInterrupt in a thread that no signal reaches: at the next instruction of the command that it runs."""

    def __init__(self, debugger):
        InstructionHook.__init__(self, self.on_instruction)
        self.debugger = debugger

    def interrupt(self):
        """Called by the listener. A command that has yet to begin finds the interrupt due."""
        session = self.debugger.session
        with session.lock:
            if not self.debugger.commanding:
                session.interrupt_due = not session.wire.is_waiting()
                return
        self.begin(self.command_codes)

    def command_codes(self):
        """The code of the command's frames but for ours, which may be half through a message, and of the one that runs
        it, which the thread may be about to enter. What lies on top of a request is no part of the command."""
        if not self.debugger.commanding:
            return []
        outermost = self.debugger.run_reachable.__code__
        codes = [outermost]
        frame = sys._current_frames().get(self.debugger.thread)
        while frame is not None and frame.f_code is not outermost:
            if is_request(frame):
                codes = [outermost]
            elif not is_remora(frame):
                codes.append(frame.f_code)
            frame = frame.f_back
        return codes if frame is not None else [outermost]

    def on_instruction(self, code, offset):
        if (
            _thread.get_ident() == self.debugger.thread
            and self.debugger.commanding
            and not has_request(sys._getframe(1))
        ):
            self.end()
            raise KeyboardInterrupt
