"""Watches the program through probes that never stop it, and reports to the client as it goes.

Part of trace.

Changes in the target, undone when the client leaves or dies: events of our tool on the code objects concerned (before
3.15 exceptions can be watched only everywhere), and their callbacks. The agent's thread, which main.py has started,
binds the probes, reports, and waits for the client's word. Imports: _ast, _operator and _signal, which are C.
Message to the client: JSON lines of events. From the client: a word to stop.
"""

import sys
import time

from ..program.threads import _thread
from ..wire import kinds
from ..wire.channel import Channel
from .errors import explain, is_foreign
from .expressions import BadExpression, Compiler
from .find_code import Catalog, Found, Place, continuations, find_functions, find_line, module_of
from .governor import Governor
from .handlers import (
    SUSPENDING,
    call_handlers,
    line_handler,
    point_handler,
    raise_handler,
    suspension_handler,
    suspensions,
    together,
)
from .interpreter import DISABLE, getframe, now, thread_time
from .loaded import Loaded
from .probe import RING_EVENTS, Bound, Probe
from .report import CallingFormatter, Reporter
from .value_formatter import ValueFormatter
from .values import TYPE_NAME

TICK_S = 0.02
# While there is more to send, as new events come meanwhile.
LEAST_TICK_S = 0.001
IDLE_TICK_S = 0.1
AGGREGATE_S = 0.5
REBIND_S = 1.0
EVERYWHERE = ("RAISE", "PY_UNWIND", "PY_THROW")
EVENTS = ("LINE", "PY_START", "PY_RETURN", "PY_YIELD", "PY_RESUME", *EVERYWHERE)


class Refused(Exception):
    """Nothing can be attached: code, message and details of the client's error."""

    def __init__(self, code, message, **details):
        Exception.__init__(self, message)
        self.code = code
        self.details = details


class Tracer:
    """All probes of one client, from attaching to leaving."""

    def __init__(self, session):
        self.session = session
        self.config = config = session.config
        self.connection = session.connection
        self.channel = Channel(session.connection)
        self.tool = session.tool
        self.allow_calls = config["allowCalls"]
        limits = config["limits"]
        self.formatter = (CallingFormatter if self.allow_calls else ValueFormatter)(
            limits["depth"], limits["items"], limits["chars"], limits["mask"]
        )
        self.compiler = Compiler(self.allow_calls, self.formatter)
        self.reports_left = config["reports"]
        self.probes = [Probe(one, self) for one in config["probes"]]
        self.governor = Governor(self, config["budget"])
        self.handlers = {name: {} for name in EVENTS}
        self.makers, self.codes, self.masks, self.asleep = {}, {}, {}, {}
        self.ring = []
        self.dropped = 0
        self.everywhere = self.turns = 0
        # How many exceptions of others may pass by in this turn, where all of them can be seen.
        self.others_left = 0
        self.is_muted = False
        self.everywhere_probes = [
            one for one in self.probes if one.place["kind"] == "raise" and "name" not in one.place
        ]
        self.raising = {}
        self.catalog = Catalog()
        self.module_count = -1
        self.rebind_at = time.monotonic() + REBIND_S
        self.reporter = Reporter(self)
        self.reason = "stopped"
        self.started = now()

    def run(self):
        refusal = None
        try:
            self.check()
            self.attach()
            self.watch()
        except Refused as error:
            refusal = error
        except BaseException as error:
            refusal = Refused("INTERNAL", "%s in the agent: %s" % (TYPE_NAME(type(error)), error))
        self.detach()
        self.reporter.leave(refusal)

    def has_lost_client(self):
        return self.reason == "gone" or self.channel.gone

    def check(self):
        """Every expression is compiled once before anything is attached."""
        blank = (lambda: None).__code__
        for probe in self.probes:
            for one in probe.expressions():
                try:
                    self.compiler.compile(one["source"], blank)
                except BadExpression as error:
                    message, offset = error.args
                    raise Refused("PROBE_INVALID", message, probe=probe.index, at=one["at"] + offset) from None

    def attach(self):
        monitoring = sys.monitoring
        if self.tool is None:
            raise Refused("TOOL_IDS_TAKEN", "all tool ids of sys.monitoring are taken", tools=tools_by_name())
        for name in EVENTS:
            monitoring.register_callback(self.tool, event_of(name), self.dispatcher(name))
        found = self.bind(thorough=True)
        for probe in self.probes:
            if found[probe].missing is not None:
                raise Refused(
                    "PROBE_NOT_FOUND",
                    found[probe].missing,
                    probe=probe.index,
                    names=found[probe].names,
                    wanted=found[probe].wanted,
                )
        self.governor.start(self.probes)
        self.arm_all()
        self.reporter.attached(found)

    def bind(self, thorough=False):
        """Looks for the code of all probes, and prepares handlers for what has not been bound yet."""
        self.module_count = len(sys.modules)
        Loaded.look()
        self.catalog.running = None
        found = {probe: self.find(probe.place, thorough) for probe in self.probes}
        for probe, result in found.items():
            for one in result.places:
                if id(one.code) not in probe.bound:
                    probe.bound[id(one.code)] = bound = Bound(probe, one, self.compiler, self.formatter)
                    self.add(bound)
        if self.session.fork_code is None:
            self.session.watch_forks()
            sys.monitoring.register_callback(self.tool, event_of("PY_START"), self.dispatcher("PY_START"))
        if self.session.fork_code is not None and id(self.session.fork_code) not in self.codes:
            self.add_handler("PY_START", self.session.fork_code, lambda depth: self.session.after_fork)
        return found

    def find(self, place, thorough):
        if place["kind"] == "line":
            return find_line(place["file"], place["line"], self.catalog, thorough)
        if place["kind"] == "raise" and "name" not in place:
            return Found()
        return find_functions(place["name"], self.catalog, thorough)

    def add(self, bound):
        place = bound.probe.place
        if place["kind"] == "line":
            back = continuations(bound.code, place["line"])
            self.add_handler("LINE", bound.code, lambda depth: line_handler(bound, depth, back), place["line"])
        elif place["kind"] == "raise":
            self.add_handler("RAISE", bound.code, lambda depth: raise_handler(bound, depth))
            self.add_anywhere(bound.code, bound.name)
        elif bound.probe.needs_return():
            bound.probe.needs_exceptions = True
            for name in ("PY_START", "PY_RETURN", "PY_UNWIND", *suspensions(bound.code)):
                self.add_handler(name, bound.code, lambda depth, name=name: call_handlers(bound, depth)[name])
        else:
            name = POINTS.get(place["event"], "PY_START")
            if name == "PY_START" or bound.code.co_flags & SUSPENDING[place["event"]]:
                make = suspension_handler if name == "PY_YIELD" else point_handler
                self.add_handler(name, bound.code, lambda depth: make(bound, depth))

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

    def arm_all(self):
        for key, mask in self.masks.items():
            if sys.monitoring.get_local_events(self.tool, self.codes[key]) != mask:
                sys.monitoring.set_local_events(self.tool, self.codes[key], mask)
        if self.everywhere_probes:
            self.everywhere |= event_of("RAISE")
        if not self.is_muted and sys.monitoring.get_events(self.tool) != self.everywhere:
            sys.monitoring.set_events(self.tool, self.everywhere)

    def dispatcher(self, name):
        """The callback of one event: finds the handlers of the place, and keeps their errors from the program."""
        handlers = self.handlers[name]
        unwanted = DISABLE if name not in EVERYWHERE or sys.version_info >= (3, 15) else None
        anywhere = self.raised_anywhere if name == "RAISE" else None

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
                    probe.asleep_since = now()
                    probe.past = "cpu"

    def raised_anywhere(self, code):
        """A handler for exceptions in code of which nothing was known: probes without a place are bound to it now."""
        self.add_anywhere(code, module_of(getframe(2)) + "." + code.co_qualname)
        return self.handlers["RAISE"].get(id(code))

    def add_anywhere(self, code, name):
        if id(code) not in self.raising:
            self.raising[id(code)] = code
            for probe in self.everywhere_probes:
                bound = Bound(probe, Place(code, name), self.compiler, self.formatter)
                self.make_handler("RAISE", id(code), lambda depth, bound=bound: raise_handler(bound, depth))

    def failed(self, error, code):
        if is_foreign(error):
            raise error
        where = (_thread.get_ident(), None, None, None)
        self.put((None, code, "error", now(), where, {"message": explain(error, self.formatter)}))

    def put(self, event):
        if self.session.fork_code is None and self.session.is_child():
            return self.session.after_fork(None, None)
        if len(self.ring) < RING_EVENTS:
            self.ring.append(event)
        else:
            self.dropped += 1

    def note_cost(self, probe, began):
        """Takes a measured hit into the estimate of what one costs."""
        probe.cost_ns += (thread_time() - began - probe.cost_ns) / 8

    def put_to_sleep(self, probe, code, budget):
        if self.session.is_child():
            return self.session.after_fork(None, None)
        if probe.asleep_since is None:
            probe.asleep_since = now()
            # Events run out by their number or by their size.
            probe.past = (
                "bytes" if budget == "events" and self.governor.bytes_credit < self.governor.events_credit else budget
            )
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
            if probe.asleep_since is not None:
                probe.asleep_ns += moment - probe.asleep_since
                probe.asleep_since = None

    def watch(self):
        """The life of the agent's thread: until the client says so or dies, or time or hits are up."""
        deadline = time.monotonic() + self.config["seconds"]
        aggregating = time.monotonic() + AGGREGATE_S
        # The first event may be there at once.
        tick = LEAST_TICK_S
        while True:
            moment = time.monotonic()
            if moment >= deadline:
                self.reason = "time"
                return
            word = self.hear(min(tick, deadline - moment))
            if word == kinds.STOP_TRACING or word == b"":
                self.reason = "stopped" if word else "gone"
                return
            shipped = self.reporter.ship()
            tick = LEAST_TICK_S if self.ring else TICK_S if shipped else min(tick * 2, IDLE_TICK_S)
            if self.reports_left == 0:
                self.reason = "hits"
                return
            if self.governor.is_due():
                self.take_turn()
            if time.monotonic() >= aggregating:
                aggregating = self.aggregate()
            self.look_for_new_code()

    def aggregate(self):
        """Sends the aggregations; returns when to do it again, so that it takes a quarter of the budget at most."""
        began = time.thread_time()
        self.reporter.aggregates()
        return time.monotonic() + max(AGGREGATE_S, (time.thread_time() - began) * 4 / self.governor.cpu_share)

    def hear(self, seconds):
        """The client's word, empty when it has gone, or None when it said nothing."""
        self.connection.settimeout(seconds)
        try:
            return self.connection.recv(1)
        except TimeoutError:
            return None
        except OSError:
            return b""

    def say_sampling(self):
        for probe in self.probes:
            if probe.past != "cpu" and probe.gets_all_wanted:
                continue
            if probe.asleep_since is not None and not probe.said_sampling:
                probe.said_sampling = True
                self.reporter.budget(probe, "sampling")

    def take_turn(self):
        self.say_sampling()
        self.turns += 1
        self.governor.turn(self.probes)
        if self.governor.is_ruined():
            costly = max((one for one in self.probes if not one.off), key=lambda one: len(one.bound), default=None)
            if costly is not None:
                self.switch_off(costly)
            self.governor.begin_again()
            self.wake()
        elif any(one.granted and (one.measures or one.events_granted) for one in self.probes):
            # Waking costs more than a hit, and is for nothing where none may be seen.
            self.wake()

    def switch_off(self, probe):
        probe.off = True
        self.reporter.budget(probe, "off")
        for key in probe.bound:
            # Other probes at the same code wake with the next turn.
            self.asleep[key] = self.codes[key]
            if not any(key in one.bound for one in self.probes if not one.off):
                self.masks[key] = 0

    def look_for_new_code(self):
        """In modules as they are imported, and from time to time in all, so that it takes a quarter of the budget at
        most."""
        is_due = time.monotonic() >= self.rebind_at
        if not is_due and len(sys.modules) == self.module_count:
            return
        before = {probe: len(probe.bound) for probe in self.probes}
        began = time.thread_time()
        if is_due:
            self.catalog = Catalog()
        found = self.bind()
        changed = [probe for probe in self.probes if len(probe.bound) != before[probe]]
        if changed:
            self.arm_all()
            self.reporter.attached({probe: found[probe] for probe in changed})
        if is_due:
            self.rebind_at = time.monotonic() + max(
                REBIND_S, (time.thread_time() - began) * 4 / self.governor.cpu_share
            )

    def detach(self):
        """Takes everything back."""
        if self.tool is not None:
            for key in self.masks:
                sys.monitoring.set_local_events(self.tool, self.codes[key], 0)
            self.session.free_tool()


def event_of(name):
    return getattr(sys.monitoring.events, name)


def tools_by_name():
    return {str(tool): str(sys.monitoring.get_tool(tool)) for tool in range(6)}


POINTS = {"yield": "PY_YIELD", "await": "PY_YIELD", "resume": "PY_RESUME"}
