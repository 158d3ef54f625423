"""Binds probes to the code that they mean, at once and whenever the program has imported more. Part of trace.

It changes nothing by itself; what is to be watched it tells events.py.
"""

import sys
import time

from .find_code import Catalog, Found, Place, begins_only, continuations, find_functions, find_line, module_of
from .handlers import (
    SUSPENDING,
    call_handlers,
    line_handler,
    point_handler,
    raise_handler,
    suspension_handler,
    suspensions,
)
from .interpreter import getframe
from .probe import Bound

REBIND_S = 1.0
POINTS = {"yield": "PY_YIELD", "await": "PY_YIELD", "resume": "PY_RESUME"}


class Binding:
    """Which code the probes are bound to."""

    def __init__(self, tracer):
        self.events = tracer.events
        self.probes = tracer.probes
        self.compiler = tracer.compiler
        self.everywhere_probes = [
            one for one in self.probes if one.place["kind"] == "raise" and "name" not in one.place
        ]
        if self.everywhere_probes:
            self.events.bind_anywhere = self.bind_anywhere
        self.raising = {}
        self.catalog = Catalog()
        self.module_count = -1
        self.rebind_at = time.monotonic() + REBIND_S

    def bind(self, thorough=False):
        """Looks for the code of all probes, and prepares handlers for what has not been bound yet."""
        self.module_count = len(sys.modules)
        self.compiler.loaded.look()
        self.catalog.running = None
        found = {probe: self.find(probe.place, thorough) for probe in self.probes}
        for probe, result in found.items():
            for one in result.places:
                if id(one.code) not in probe.bound:
                    probe.bound[id(one.code)] = bound = Bound(probe, one, self.compiler)
                    self.add(bound)
        self.events.watch_forks()
        return found

    def find(self, place, thorough):
        if place["kind"] == "line":
            return find_line(place["file"], place["line"], self.catalog, thorough)
        if place["kind"] == "raise" and "name" not in place:
            return Found()
        return find_functions(place["name"], self.catalog, thorough)

    def add(self, bound):
        place = bound.probe.place
        if place["kind"] == "line" and begins_only(bound.code):
            self.events.add_handler("PY_START", bound.code, lambda depth: point_handler(bound, depth))
        elif place["kind"] == "line":
            back = continuations(bound.code, place["line"])
            self.events.add_handler("LINE", bound.code, lambda depth: line_handler(bound, depth, back), place["line"])
        elif place["kind"] == "raise":
            self.events.add_handler("RAISE", bound.code, lambda depth: raise_handler(bound, depth))
            self.add_anywhere(bound.code, bound.name)
        elif bound.probe.needs_return(self.compiler):
            bound.probe.needs_exceptions = True
            for name in ("PY_START", "PY_RETURN", "PY_UNWIND", *suspensions(bound.code)):
                self.events.add_handler(name, bound.code, lambda depth, name=name: call_handlers(bound, depth)[name])
        else:
            name = POINTS.get(place["event"], "PY_START")
            if name == "PY_START" or bound.code.co_flags & SUSPENDING[place["event"]]:
                make = suspension_handler if name == "PY_YIELD" else point_handler
                self.events.add_handler(name, bound.code, lambda depth: make(bound, depth))

    def bind_anywhere(self, code):
        """A handler for exceptions in code of which nothing was known: probes without a place are bound to it now."""
        self.add_anywhere(code, module_of(getframe(2)) + "." + code.co_qualname)
        return self.events.handlers["RAISE"].get(id(code))

    def add_anywhere(self, code, name):
        if id(code) not in self.raising:
            self.raising[id(code)] = code
            for probe in self.everywhere_probes:
                bound = Bound(probe, Place(code, name), self.compiler)
                self.events.make_handler("RAISE", id(code), lambda depth, bound=bound: raise_handler(bound, depth))

    def look_for_new_code(self, share):
        """In modules as they are imported, and from time to time in all, so that it takes a quarter of the budget at
        most: that `share` of the time. Returns what has been found for probes that have got more of it."""
        is_due = time.monotonic() >= self.rebind_at
        if not is_due and len(sys.modules) == self.module_count:
            return {}
        before = {probe: len(probe.bound) for probe in self.probes}
        began = time.thread_time()
        if is_due:
            self.catalog = Catalog()
        found = self.bind()
        changed = [probe for probe in self.probes if len(probe.bound) != before[probe]]
        if changed:
            self.events.arm()
        if is_due:
            self.rebind_at = time.monotonic() + max(REBIND_S, (time.thread_time() - began) * 4 / share)
        return {probe: found[probe] for probe in changed}
