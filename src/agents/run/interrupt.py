"""Interrupts the code of a run. Part of other agents.

Changes in the target, until the code is interrupted or ends: what main_thread_signal.py says, for a run in the main
thread; and what instruction_hook.py says, from the client's word.
"""

import sys

from ..program.frames import is_remora, is_request
from ..program.instruction_hook import InstructionHook
from ..program.main_thread_signal import MainThreadSignal

UNASKED_S = 3600.0
SOON_S = 0.05
LATER_S = 1.0


class Interrupter(MainThreadSignal):
    """Raises KeyboardInterrupt in the script, once, and only there: at its next instruction, in whatever function it
    is.

    Code that waits in a call has no next instruction for now, and of code that was let in by a profile or trace
    function no tool is told anything. The main thread is then reached by a signal.
    """

    def __init__(self, run):
        self.run = run
        self.due = False
        self.raised = False
        self.patience = UNASKED_S
        self.hook = InstructionHook(self.on_instruction)

    def interrupt(self):
        self.due = True
        self.patience = SOON_S
        self.hook.begin(self.script_codes)

    def insist(self):
        """Called whenever `patience` has passed. Calls may have been entered meanwhile, or a signal come too early."""
        if self.due:
            self.patience = min(self.patience * 2, LATER_S)
            self.hook.begin(self.script_codes)
            self.send()

    def script_codes(self):
        """The code of every frame of the script; none when it is over, or has been interrupted just now."""
        frames = self.script_frames(sys._current_frames().get(self.run.thread)) if self.due else []
        return [frame.f_code for frame in frames if not is_remora(frame)]

    def script_frames(self, frame):
        """From the innermost frame to the script's own. None for as long as another request has its turn on top of
        them: it is not the one to be interrupted."""
        others = [id(code) for code in self.run.codes_of_others()]
        frames = []
        while frame is not None and not is_request(frame) and id(frame.f_code) not in others:
            frames.append(frame)
            if frame.f_code is self.run.code:
                return frames
            frame = frame.f_back
        return []

    def on_instruction(self, code, offset):
        if self.due and self.run.in_script() and self.script_frames(sys._getframe(1)):
            self.raise_interrupt()

    def on_signal(self, number, frame):
        if not self.due or not self.run.in_script():
            return
        frames = self.script_frames(frame)
        # What is raised in ours could spoil a message, and in a profile or trace function would end the profiling.
        if frames and not any(is_remora(one) or is_callback(one) for one in frames):
            self.raise_interrupt()

    def raise_interrupt(self):
        self.rest()
        self.raised = True
        raise KeyboardInterrupt

    def was_lost(self, unraisable):
        """Whether it was our interrupt that ended in a finalizer, where nobody hears of it: then it is due again."""
        if not self.raised or not issubclass(unraisable.exc_type, KeyboardInterrupt):
            return False
        self.raised = False
        self.interrupt()
        return True

    def rest(self):
        self.due = False
        self.patience = UNASKED_S
        self.hook.end()

    def end(self):
        self.rest()
        self.remove()


def is_callback(frame):
    """Whether it is one of the thread's profile or trace function."""
    callbacks = (sys.getprofile(), sys.gettrace(), frame.f_back and frame.f_back.f_trace)
    return any(frame.f_code is code_of(callback) for callback in callbacks)


def code_of(callback):
    try:
        function = getattr(callback, "__func__", callback)
        if not hasattr(function, "__code__"):
            function = type(callback).__call__
        return getattr(function, "__code__", None)
    except Exception:
        return None
