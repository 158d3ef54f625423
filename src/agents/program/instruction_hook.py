"""Reaches a thread at its next instruction: any thread, but not out of a call that blocks. Part of other agents.

Changes in the target, from `begin` to `end`: one sys.monitoring tool that the program does not use.
"""

import sys

from .monitoring import free_tool_id
from .threads import _thread


class InstructionHook:
    """Has the next instruction of some code call a function, in whatever thread runs it."""

    def __init__(self, call):
        self.call = call
        self.tool = None
        self.lock = _thread.allocate_lock()

    def begin(self, find_codes):
        """`find_codes` is asked until it has no more: the thread runs on, and may call what it never returns from."""
        monitoring = sys.monitoring
        event = monitoring.events.INSTRUCTION
        with self.lock:
            self.free_tool()
            # By identity: equal code may be compiled twice.
            reached = {}
            while new := {id(code): code for code in find_codes() if id(code) not in reached}:
                if self.tool is None:
                    self.tool = next((tool for tool in (4, 3, 2, 1, 0) if monitoring.get_tool(tool) is None), None)
                    if self.tool is None:
                        return
                    monitoring.use_tool_id(self.tool, "remora")
                    monitoring.register_callback(self.tool, event, self.call)
                for code in new.values():
                    monitoring.set_local_events(self.tool, code, event)
                reached |= new

    def end(self):
        with self.lock:
            self.free_tool()

    def free_tool(self):
        tool, self.tool = self.tool, None
        if tool is not None:
            free_tool_id(tool)
