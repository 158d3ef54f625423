"""Interrupts the code of a run. Part of other agents; the sources of channel.py and alarm.py stand before it.

Changes in the target: what alarm.py says, for a run in the main thread and until it ends; and one sys.monitoring tool,
from the client's word to the moment at which the code is interrupted.
"""

import sys

UNASKED_S = 3600.0
SOON_S = 0.05
LATER_S = 1.0


class Interrupter(Alarm):
    """Raises KeyboardInterrupt in the script, once, and only there: at its next instruction, in whatever function it is.

    Code that waits in a call has no next instruction for now, and of code that was let in by a profile or trace function
    no tool is told anything. The main thread is then reached by a signal.
    """

    def __init__(self, run):
        self.run = run
        self.tool = None
        self.due = False
        self.patience = UNASKED_S
        self.lock = _thread.allocate_lock()

    def interrupt(self):
        self.due = True
        self.patience = SOON_S
        self.watch()

    def insist(self):
        """Called whenever `patience` has passed. Calls may have been entered meanwhile, or a signal come too early."""
        if self.due:
            self.patience = min(self.patience * 2, LATER_S)
            self.watch()
            self.ring()

    def watch(self):
        """Has the next instruction of the script call `strike`."""
        monitoring = sys.monitoring
        codes = self.script_codes()
        with self.lock:
            self.free_tool()
            # It may have been interrupted just now.
            if not self.due or not codes:
                return
            self.tool = next((tool for tool in (4, 3, 2, 1, 0) if monitoring.get_tool(tool) is None), None)
            if self.tool is None:
                return
            monitoring.use_tool_id(self.tool, "remora")
            event = monitoring.events.INSTRUCTION
            monitoring.register_callback(self.tool, event, self.strike)
            for code in codes:
                monitoring.set_local_events(self.tool, code, event)

    def free_tool(self):
        tool, self.tool = self.tool, None
        if tool is not None:
            sys.monitoring.free_tool_id(tool)

    def script_codes(self):
        """The code of every frame from the innermost to the script's own; none when the script is over."""
        frames = self.script_frames(sys._current_frames().get(self.run.thread))
        return [frame.f_code for frame in frames if not is_remora(frame)]

    def script_frames(self, frame):
        frames = []
        while frame is not None:
            frames.append(frame)
            if frame.f_code is self.run.code:
                return frames
            frame = frame.f_back
        return []

    def strike(self, code, offset):
        if self.due and self.run.in_script():
            self.rest()
            raise KeyboardInterrupt

    def on_signal(self, number, frame):
        if not self.due or not self.run.in_script():
            return
        frames = self.script_frames(frame)
        # What is raised in ours could spoil a message, and in a profile or trace function would end the profiling.
        if frames and not any(is_remora(one) or is_callback(one) for one in frames):
            self.rest()
            raise KeyboardInterrupt

    def rest(self):
        self.due = False
        self.patience = UNASKED_S
        with self.lock:
            self.free_tool()

    def end(self):
        self.rest()
        self.remove()


def is_remora(frame):
    return frame.f_code.co_filename == "<remora>"


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
