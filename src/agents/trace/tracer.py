"""Watches the program through probes that never stop it, and reports to the client as it goes.

Part of trace.

Changes in the target, undone when the client leaves or dies: what events.py says. The agent's thread, which main.py has
started, binds the probes, reports, and waits for the client's word. Imports: _ast, _operator and _signal, which are C.
Message to the client: JSON lines of events. From the client: a word to stop.
"""

import sys
import time

from ..wire import kinds
from ..wire.channel import Channel
from .binding import Binding
from .events import Events
from .expressions import BadExpression, Compiler
from .governor import Governor
from .loaded import Loaded
from .probe import Probe
from .report import CallingFormatter, Reporter
from .ring import Ring
from .value_formatter import ValueFormatter
from .values import TYPE_NAME

TICK_S = 0.02
# While there is more to send, as new events come meanwhile.
LEAST_TICK_S = 0.001
IDLE_TICK_S = 0.1
AGGREGATE_S = 0.5


class Refused(Exception):
    """Nothing can be attached: code, message and details of the client's error."""

    def __init__(self, code, message, **details):
        Exception.__init__(self, message)
        self.code = code
        self.details = details


class Tracer:
    """All probes of one client, from attaching to leaving."""

    def __init__(self, session):
        config = session.config
        self.seconds = config["seconds"]
        self.connection = session.connection
        self.channel = Channel(session.connection)
        limits = config["limits"]
        formatter = (CallingFormatter if config["allowCalls"] else ValueFormatter)(
            limits["depth"], limits["items"], limits["chars"], limits["mask"]
        )
        self.compiler = Compiler(config["allowCalls"], formatter, Loaded())
        self.ring = Ring(session, config["reports"])
        self.events = Events(session, self.ring, formatter)
        self.governor = Governor(self.events, self.ring, config["budget"])
        self.probes = self.events.probes = [Probe(one, self) for one in config["probes"]]
        self.binding = Binding(self)
        self.reporter = Reporter(self)
        self.reason = "stopped"

    def parts(self):
        """All that refers to each other."""
        return (self.events, *self.probes)

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
        self.events.detach()
        self.reporter.leave(refusal, self.reason)

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
        if self.events.tool is None:
            raise Refused("TOOL_IDS_TAKEN", "all tool ids of sys.monitoring are taken", tools=tools_by_name())
        self.events.register()
        found = self.binding.bind(thorough=True)
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
        self.events.arm()
        self.reporter.attached(found)

    def watch(self):
        """The life of the agent's thread: until the client says so or dies, or time or hits are up."""
        deadline = time.monotonic() + self.seconds
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
            tick = LEAST_TICK_S if self.ring.waiting else TICK_S if shipped else min(tick * 2, IDLE_TICK_S)
            if self.ring.reports_left == 0:
                self.reason = "hits"
                return
            if self.governor.is_due():
                self.take_turn()
            if time.monotonic() >= aggregating:
                aggregating = self.aggregate()
            changed = self.binding.look_for_new_code(self.governor.cpu_share)
            if changed:
                self.reporter.attached(changed)

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

    def take_turn(self):
        self.reporter.say_sampling()
        self.events.begin_turn()
        self.governor.turn(self.probes)
        if self.governor.is_ruined():
            costly = max((one for one in self.probes if not one.off), key=lambda one: len(one.bound), default=None)
            if costly is not None:
                self.switch_off(costly)
            self.governor.begin_again()
            self.events.wake()
        elif any(one.granted and (one.measures or one.events_granted) for one in self.probes):
            # Waking costs more than a hit, and is for nothing where none may be seen.
            self.events.wake()

    def switch_off(self, probe):
        probe.off = True
        self.reporter.budget(probe, "off")
        self.events.switch_off(probe.bound)


def tools_by_name():
    return {str(tool): str(sys.monitoring.get_tool(tool)) for tool in range(6)}
