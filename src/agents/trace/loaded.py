"""What the program has imported, by which its threads and tasks have names. Part of trace.

It changes nothing and runs no code of the program.
"""

import sys

from ..program.threads import _thread
from .find_code import namespace_of
from .values import INSTANCE, attribute, ids


class Loaded:
    """What the program has imported by now, to be looked up again whenever it has imported more."""

    def __init__(self):
        self.asyncio = None
        self.threads = {}
        self.thread_types = frozenset()

    def look(self):
        self.asyncio = sys.modules.get("_asyncio")
        threading = namespace_of(sys.modules.get("threading"))
        if threading is not None and type(threading.get("_active")) is dict:
            self.threads = threading["_active"]
            self.thread_types = ids(*(threading.get(name) for name in ("Thread", "_MainThread", "_DummyThread")))

    def current_thread_name(self):
        """The name of this thread, or its ident where the program knows none."""
        ident = _thread.get_ident()
        return self.thread_name(ident) or ident

    def thread_name(self, ident):
        """Asked at once: threads end, and the next ones get their idents."""
        thread = self.threads.get(ident)
        if thread is None:
            return None
        name = INSTANCE(thread, "_name") if id(type(thread)) in self.thread_types else attribute(thread, "_name")
        return name if type(name) is str else None

    def current_task_name(self):
        """Name of the asyncio task that runs in this thread, or None."""
        asyncio = self.asyncio
        loop = asyncio._get_running_loop() if asyncio is not None else None
        task = asyncio.current_task(loop) if loop is not None else None
        return asyncio.Task.get_name(task) if task is not None and issubclass(type(task), asyncio.Task) else None
