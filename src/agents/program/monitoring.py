"""Gives back an id of sys.monitoring. Part of other agents; changes nothing else."""

import sys


def free_tool_id(tool):
    """Gives it back, with all events on it. With its JIT, 3.14 locks itself up where it takes local ones alone off a
    running program (python/cpython#141658); with a global one it throws away compiled code first. This one costs
    nothing."""
    if sys._jit.is_enabled():
        sys.monitoring.set_events(tool, sys.monitoring.events.PY_UNWIND)
    sys.monitoring.free_tool_id(tool)
