"""Watches the program through probes that never stop it, and reports to the client as it goes.

The last part of trace; all others have been executed in this namespace before it.

Changes in the target, all undone when the client leaves or dies: one sys.monitoring tool with events on the code
objects concerned (before 3.15 exceptions can be watched only everywhere). The agent's thread, which trace.py has
started, binds the probes, reports, and waits for the client's word. In a child that the program forks the tool is freed
and the connection closed. Imports: _operator, which is C.
Messages to the client: `t`, JSON lines of events. From the client: the byte `s` to stop.
"""

import posix
import sys
import time

TICK_S = 0.02
IDLE_TICK_S = 0.1
AGGREGATE_S = 0.5
REBIND_S = 1.0
BATCH_BYTES = 64 * 1024
TOOL_IDS = (3, 4, 5, 2, 1, 0)
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

    def __init__(self, config, connection):
        self.config = config
        self.connection = connection
        self.channel = Channel(connection)
        self.process = posix.getpid()
        self.tool = None
        self.allow_calls = config["allowCalls"]
        limits = config["limits"]
        self.shower = (CallingShower if self.allow_calls else Shower)(
            limits["depth"], limits["items"], limits["chars"], limits["mask"]
        )
        self.compiler = Compiler(self.allow_calls, self.shower)
        self.reports_left = config["reports"]
        self.probes = [Probe(one, self) for one in config["probes"]]
        self.governor = Governor(self, config["budget"])
        self.handlers = {name: {} for name in EVENTS}
        self.makers = {}
        self.codes = {}
        self.masks = {}
        self.asleep = {}
        self.ring = []
        self.dropped = 0
        self.fork_code = None
        self.everywhere = 0
        self.module_count = -1
        self.rebound = 0.0
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
        try:
            self.detach()
            self.reporter.leave(refusal)
        finally:
            self.connection.close()

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
        self.tool = next((tool for tool in TOOL_IDS if self.take_tool(tool)), None)
        if self.tool is None:
            raise Refused("TOOL_IDS_TAKEN", "all tool ids of sys.monitoring are taken", tools=tools_by_name())
        for name in EVENTS:
            monitoring.register_callback(self.tool, event_of(name), self.dispatcher(name))
        found = self.bind(thorough=True)
        for probe in self.probes:
            if found[probe].missing is not None:
                raise Refused("PROBE_NOT_FOUND", found[probe].missing, probe=probe.index, names=found[probe].names, wanted=found[probe].wanted)
        self.governor.start(self.probes)
        self.arm_all()
        self.reporter.attached(found)

    def take_tool(self, tool):
        try:
            sys.monitoring.use_tool_id(tool, "remora")
            return True
        except ValueError:
            return False

    def bind(self, thorough=False):
        """Looks for the code of all probes, and prepares handlers for what has not been bound yet."""
        self.module_count = len(sys.modules)
        self.rebound = time.monotonic()
        found = {probe: self.find(probe.place, thorough) for probe in self.probes}
        for probe, result in found.items():
            for one in result.places:
                if id(one.code) not in probe.bound:
                    probe.bound[id(one.code)] = bound = Bound(probe, one, self.compiler, self.shower)
                    self.add(bound)
        threading = namespace_of(sys.modules.get("threading"))
        if threading is not None and self.fork_code is None and type(threading.get("_after_fork")) is FUNCTION:
            # Runs in every forked child first of all, and so we learn of it.
            self.fork_code = threading["_after_fork"].__code__
            self.add_handler("PY_START", self.fork_code, lambda depth: self.after_fork)
        return found

    def find(self, place, thorough):
        if place["kind"] == "line":
            return find_line(place["file"], place["line"], thorough)
        if place["kind"] == "raise" and "name" not in place:
            return Found()
        return find_functions(place["name"], thorough)

    def add(self, bound):
        place = bound.probe.place
        if place["kind"] == "line":
            back = continuations(bound.code, place["line"])
            self.add_handler("LINE", bound.code, lambda depth: line_handler(bound, depth, back), place["line"])
        elif place["kind"] == "raise":
            self.add_handler("RAISE", bound.code, lambda depth: raise_handler(bound, depth))
        elif bound.probe.needs_return():
            for name in ("PY_START", "PY_RETURN", "PY_UNWIND", *suspensions(bound.code)):
                self.add_handler(name, bound.code, lambda depth, name=name: call_handlers(bound, depth)[name])
        else:
            name = POINTS.get(place["event"], "PY_START")
            if name == "PY_START" or bound.code.co_flags & SUSPENDING[place["event"]]:
                self.add_handler(name, bound.code, lambda depth: point_handler(bound, depth))

    def add_handler(self, name, code, make, line=None):
        """`make(depth)` makes a handler that finds the program's frame so many frames above its own."""
        key = id(code) if line is None else (id(code), line)
        makers = self.makers.setdefault((name, key), [])
        makers.append(make)
        self.handlers[name][key] = makers[0](2) if len(makers) == 1 else together([one(3) for one in makers])
        self.codes[id(code)] = code
        if name in EVERYWHERE and sys.version_info < (3, 15):
            self.everywhere |= event_of(name)
        else:
            self.masks[id(code)] = self.masks.get(id(code), 0) | event_of(name)

    def arm_all(self):
        for key, mask in self.masks.items():
            if sys.monitoring.get_local_events(self.tool, self.codes[key]) != mask:
                sys.monitoring.set_local_events(self.tool, self.codes[key], mask)
        if any(probe.place["kind"] == "raise" and "name" not in probe.place for probe in self.probes):
            self.everywhere |= event_of("RAISE")
        if sys.monitoring.get_events(self.tool) != self.everywhere:
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

        def at_code(code, where, *value):
            handler = handlers.get(id(code), anywhere)
            if handler is None:
                return unwanted
            try:
                answer = handler(code, where, *value)
                return answer if unwanted is DISABLE else None
            except Exception as error:
                return self.failed(error, code)

        return at_line if name == "LINE" else at_code

    def raised_anywhere(self, code, where, error):
        """An exception in code of which nothing was known: probes without a place are bound to it now."""
        probes = [one for one in self.probes if one.place["kind"] == "raise" and "name" not in one.place]
        if not probes:
            return None
        self.codes[id(code)] = code
        bounds = [Bound(one, Place(code, code.co_qualname), self.compiler, self.shower) for one in probes]
        handler = together([raise_handler(bound, 3) for bound in bounds])
        self.handlers["RAISE"][id(code)] = handler
        return handler(code, where, error)

    def failed(self, error, code):
        if is_foreign(error):
            raise error
        self.put((None, code, "error", now(), _thread.get_ident(), None, None, {"message": explain(error, self.shower)}))

    def put(self, event):
        if self.fork_code is None and posix.getpid() != self.process:
            return self.after_fork(None, None)
        if len(self.ring) < RING_EVENTS:
            self.ring.append(event)
        else:
            self.dropped += 1

    def note_cost(self, probe, began):
        """Takes a measured hit into the estimate of what one costs."""
        probe.cost_ns += (thread_time() - began - probe.cost_ns) / 8

    def put_to_sleep(self, probe, code):
        if posix.getpid() != self.process:
            return self.after_fork(None, None)
        if probe.asleep_since is None:
            probe.asleep_since = now()
        self.asleep[id(code)] = code
        return DISABLE

    def after_fork(self, _code, _where):
        """In a child: nothing of ours stays."""
        if posix.getpid() == self.process or self.tool is None:
            return None
        tool, self.tool = self.tool, None
        sys.monitoring.free_tool_id(tool)
        self.connection.close()
        self.ring.clear()
        return None

    def wake(self):
        """Switches on again what slept: setting a location's events anew forgets that it was disabled."""
        moment = now()
        asleep, self.asleep = self.asleep, {}
        for code in asleep.values():
            mask = self.masks.get(id(code))
            if mask is not None:
                sys.monitoring.set_local_events(self.tool, code, 0)
                sys.monitoring.set_local_events(self.tool, code, mask)
        for probe in self.probes:
            if probe.asleep_since is not None:
                probe.asleep_ns += moment - probe.asleep_since
                probe.asleep_since = None

    def watch(self):
        """The life of the agent's thread: until the client says so or dies, or time or hits are up."""
        deadline = time.monotonic() + self.config["seconds"]
        aggregated = time.monotonic()
        tick = TICK_S
        while True:
            moment = time.monotonic()
            if moment >= deadline:
                self.reason = "time"
                return
            word = self.hear(min(tick, deadline - moment))
            if word is not None:
                self.reason = "stopped" if word else "gone"
                return
            tick = TICK_S if self.reporter.ship() else IDLE_TICK_S
            if self.reports_left == 0:
                self.reason = "hits"
                return
            if self.governor.is_due():
                self.take_turn()
            if time.monotonic() - aggregated >= AGGREGATE_S:
                aggregated = time.monotonic()
                self.reporter.aggregates()
            self.look_for_new_code()

    def hear(self, seconds):
        """The client's word, empty when it has gone, or None when it said nothing."""
        self.connection.settimeout(seconds)
        try:
            return self.connection.recv(1)
        except TimeoutError:
            return None
        except OSError:
            return b""

    def take_turn(self):
        for probe in self.probes:
            if probe.asleep_since is not None and not probe.said_sampling:
                probe.said_sampling = True
                self.reporter.budget(probe, self.governor.why(probe), "sampling")
        overdrawn = self.governor.turn(self.probes)
        if overdrawn:
            costly = max((one for one in self.probes if not one.off), key=lambda one: len(one.bound), default=None)
            if costly is not None:
                self.switch_off(costly)
        self.wake()

    def switch_off(self, probe):
        probe.off = True
        self.reporter.budget(probe, "cpu", "off")
        for key in probe.bound:
            # Other probes at the same code wake with the next turn.
            self.asleep[key] = self.codes[key]
            if not any(key in one.bound for one in self.probes if not one.off):
                self.masks[key] = 0

    def look_for_new_code(self):
        waited = time.monotonic() - self.rebound
        if len(sys.modules) != self.module_count or waited > REBIND_S:
            before = {probe: len(probe.bound) for probe in self.probes}
            began = time.thread_time()
            found = self.bind()
            # Looking is paid for like everything else: never more than a hundredth of the time.
            self.rebound += max((time.thread_time() - began) * 100 - REBIND_S, 0)
            changed = [probe for probe in self.probes if len(probe.bound) != before[probe]]
            if changed:
                self.arm_all()
                self.reporter.attached({probe: found[probe] for probe in changed})

    def detach(self):
        """Takes everything back."""
        if self.tool is None or posix.getpid() != self.process:
            return
        tool, self.tool = self.tool, None
        for key in self.masks:
            sys.monitoring.set_local_events(tool, self.codes[key], 0)
        sys.monitoring.free_tool_id(tool)


POINTS = {"yield": "PY_YIELD", "await": "PY_YIELD", "resume": "PY_RESUME"}
GENERATOR, COROUTINE, ASYNC_GENERATOR = 0x20, 0x80, 0x200
SUSPENDING = {
    "yield": GENERATOR | ASYNC_GENERATOR,
    "await": COROUTINE | ASYNC_GENERATOR,
    "resume": GENERATOR | COROUTINE | ASYNC_GENERATOR,
}


def suspensions(code):
    suspends = code.co_flags & SUSPENDING["resume"]
    return ("PY_YIELD", "PY_RESUME", "PY_THROW") if suspends else ()


def event_of(name):
    return getattr(sys.monitoring.events, name)


def tools_by_name():
    return {str(tool): str(sys.monitoring.get_tool(tool)) for tool in range(6)}


def together(handlers):
    """One handler of several; the location is disabled when all of them say so."""

    def each(*arguments):
        answers = [handler(*arguments) for handler in handlers]
        return DISABLE if all(answer is DISABLE for answer in answers) else None

    return each


def line_handler(bound, depth, back):
    """Python comes back to a line after arguments on other lines; only the first time is the statement's."""
    hit = point_handler(bound, depth + 1 if back else depth)
    if not back:
        return hit

    def first(code, line):
        return DISABLE if getframe(depth).f_lasti in back else hit(code, line)

    return first
