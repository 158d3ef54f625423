"""What our tool watches: the events of which code, by which handlers, what of it sleeps, and what is muted. Part of
trace.

Changes in the target, undone by `detach`: events of our tool on the code objects concerned (before 3.15 exceptions can
be watched only everywhere), and their callbacks. Handlers run in the program's threads.
"""

import sys

from ..program.threads import _thread
from .errors import explain, is_foreign
from .handlers import together
from .interpreter import DISABLE, now

EVERYWHERE = ("RAISE", "PY_UNWIND", "PY_THROW")
EVENTS = ("LINE", "PY_START", "PY_RETURN", "PY_YIELD", "PY_RESUME", *EVERYWHERE)


class Events:
    """The events of our tool, and nobody else's to change."""

    def __init__(self, session, ring, formatter):
        self.session = session
        self.tool = session.tool
        self.ring = ring
        self.formatter = formatter
        self.probes = []
        # Makes the handlers of code of which nothing was known, where probes mean exceptions anywhere.
        self.bind_anywhere = None
        self.handlers = {name: {} for name in EVENTS}
        self.makers, self.codes, self.masks, self.asleep = {}, {}, {}, {}
        self.everywhere = self.turns = 0
        # How many exceptions of others may pass by in this turn, where all of them can be seen.
        self.others_left = 0
        self.is_muted = False

    def register(self):
        for name in EVENTS:
            sys.monitoring.register_callback(self.tool, event_of(name), self.dispatcher(name))

    def watch_forks(self):
        """Has the session told of forks by our own callback, as a tool has one for an event."""
        if self.session.fork_code is None:
            self.session.watch_forks()
            sys.monitoring.register_callback(self.tool, event_of("PY_START"), self.dispatcher("PY_START"))
        if self.session.fork_code is not None and id(self.session.fork_code) not in self.codes:
            self.add_handler("PY_START", self.session.fork_code, lambda depth: self.session.after_fork)

    def add_handler(self, name, code, make, line=None):
        """`make(depth)` makes a handler that finds the program's frame so many frames above its own."""
        self.make_handler(name, id(code) if line is None else (id(code), line), make)
        self.codes[id(code)] = code
        if name in EVERYWHERE and sys.version_info < (3, 15):
            self.everywhere |= event_of(name)
        else:
            self.masks[id(code)] = self.masks.get(id(code), 0) | event_of(name)

    def make_handler(self, name, key, make):
        makers = self.makers.setdefault((name, key), [])
        makers.append(make)
        self.handlers[name][key] = makers[0](2) if len(makers) == 1 else together([one(3) for one in makers], self)

    def arm(self):
        for key, mask in self.masks.items():
            if sys.monitoring.get_local_events(self.tool, self.codes[key]) != mask:
                sys.monitoring.set_local_events(self.tool, self.codes[key], mask)
        if self.bind_anywhere is not None:
            self.everywhere |= event_of("RAISE")
        if not self.is_muted and sys.monitoring.get_events(self.tool) != self.everywhere:
            sys.monitoring.set_events(self.tool, self.everywhere)

    def dispatcher(self, name):
        """The callback of one event: finds the handlers of the place, and keeps their errors from the program."""
        handlers = self.handlers[name]
        unwanted = DISABLE if name not in EVERYWHERE or sys.version_info >= (3, 15) else None
        anywhere = self.bind_anywhere if name == "RAISE" else None

        def at_line(code, line):
            handler = handlers.get((id(code), line))
            if handler is None:
                return DISABLE
            try:
                return handler(code, line)
            except Exception as error:
                return self.failed(error, code)

        def at_code(code, where):
            handler = handlers.get(id(code))
            if handler is None:
                return unwanted
            try:
                return handler(code, where)
            except Exception as error:
                return self.failed(error, code)

        def at_value(code, where, value):
            try:
                handler = handlers.get(id(code)) or (anywhere and anywhere(code))
                if handler is None:
                    return unwanted or self.let_pass()
                answer = handler(code, where, value)
            except Exception as error:
                return self.failed(error, code)
            return answer if unwanted is DISABLE else None

        return {"LINE": at_line, "PY_START": at_code, "PY_RESUME": at_code}.get(name, at_value)

    def begin_turn(self):
        """Locations that are disabled from here on have not been woken by the turn before."""
        self.turns += 1

    def are_held_back(self):
        """Whether something that a probe waits for sleeps, or is muted."""
        return bool(self.asleep) or self.is_muted

    def grant_others(self, count):
        """So many exceptions of others may pass by in this turn. Returns what is left of the last one."""
        left, self.others_left = self.others_left, count
        return left

    def let_pass(self, cost=1):
        """An exception that is none of ours, on a version that shows all or none: past the budget it is none."""
        self.others_left -= cost
        if self.others_left < 0 and not self.is_muted:
            self.forget_calls()
            sys.monitoring.set_events(self.tool, 0)
            self.is_muted = True
            self.forget_calls()

    def forget_calls(self):
        """Calls that an exception may have ended unseen."""
        for probe in self.probes:
            if probe.needs_exceptions:
                probe.epoch += 1
                if probe.asleep_since is None:
                    probe.fall_asleep("cpu")

    def failed(self, error, code):
        if is_foreign(error):
            raise error
        where = (_thread.get_ident(), None, None, None)
        self.ring.put((None, code, "error", now(), where, {"message": explain(error, self.formatter)}))

    def put_to_sleep(self, probe, code, budget):
        if self.session.is_child():
            return self.session.after_fork(None, None)
        if probe.asleep_since is None:
            probe.fall_asleep(budget)
        key = id(code)
        # Last, with no call behind it, so that it is not woken before it sleeps.
        self.asleep[key] = code
        return DISABLE

    def wake(self):
        """Switches on again what slept: setting a location's events anew forgets that it was disabled.

        It is done by one call from C, as another thread could come by between two.
        """
        moment = now()
        if self.is_muted:
            self.is_muted = False
            sys.monitoring.set_events(self.tool, self.everywhere)
            self.forget_calls()
        asleep, self.asleep = self.asleep, {}
        for code in asleep.values():
            mask = self.masks.get(id(code))
            if mask is not None:
                list(map(sys.monitoring.set_local_events, (self.tool, self.tool), (code, code), (0, mask)))
        for probe in self.probes:
            probe.wake_up(moment)

    def switch_off(self, keys):
        """For good, but for what other probes want of the same code, which wakes with the next turn."""
        for key in keys:
            self.asleep[key] = self.codes[key]
            if not any(key in one.bound for one in self.probes if not one.off):
                self.masks[key] = 0

    def detach(self):
        """Takes everything back."""
        if self.tool is not None:
            for key in self.masks:
                sys.monitoring.set_local_events(self.tool, self.codes[key], 0)
            self.session.free_tool()


def event_of(name):
    return getattr(sys.monitoring.events, name)
