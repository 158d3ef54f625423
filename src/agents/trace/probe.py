"""What a probe does with a hit that counts: condition, values, stacks, aggregation. Part of trace.

It changes nothing by itself. All this runs in the program's threads, inside callbacks of sys.monitoring: what is to be
reported is rendered, put into a ring that has an end, and that is all.
"""

from ..program.threads import _thread
from .errors import explain, is_foreign
from .expressions import AT_RETURN, ELAPSED, parameters_of
from .interpreter import now, thread_time
from .operations import truth
from .stacks import stack_of
from .values import type_name

MAX_GROUPS = 1_000
BUCKETS = 65
# The first bucket of a distribution is below a microsecond for times, which are milliseconds, and 2**-10 for other
# values.
MICROSECONDS, FINEST = 1000, 1024
START_COST_NS = {"count": 400, "snapshot": 200_000, "stack": 20_000}
VALUE_COST_NS = 3_000
GOLDEN = 2654435761
# What it costs to see that an exception has started elsewhere, or is of another class, in events that are only
# dispatched.
PASSING_COST, KIND_COST, OVER_COST = 2, 4, 12


class Probe:
    """One probe: what it does, what it may still do in this turn of the governor, and what it has done."""

    def __init__(self, config, tracer):
        self.index = config["index"]
        self.config = config
        self.events = tracer.events
        self.ring = tracer.ring
        self.governor = tracer.governor
        self.place = config["place"]
        self.actions = config["actions"]
        kinds = [action["kind"] for action in self.actions]
        self.measures = [action for action in self.actions if action["kind"] in MEASURES]
        self.counts_only = kinds == ["count"] and not config["by"] and "condition" not in config
        self.counts_only = self.counts_only and "every" not in config and "sample" not in config
        self.slower_ns = int(config.get("slowerMs", 0) * 1e6)
        self.bound = {}
        self.pending = {}
        self.groups = {}
        self.seen = self.reported = 0
        self.threshold = int(config["sample"] / 100 * 2**32) if "sample" in config else 2**32
        # The governor's: hits granted and left in this turn, events likewise, and measured cost.
        self.left = self.granted = self.used = 0
        self.events_left = self.events_granted = 0
        self.cost_ns = next((START_COST_NS[kind] for kind in kinds if kind in START_COST_NS), VALUE_COST_NS)
        # How many events may be looked at in vain in this turn, and how often ends of calls have not been looked at.
        self.vain_left = self.vain_granted = 0
        self.epoch = self.forgotten = 0
        self.needs_exceptions = self.place["kind"] == "raise"
        self.hits = 0
        self.asleep_since = self.past = None
        self.asleep_ns = 0
        self.off = False
        self.said_sampling = self.gets_all_wanted = False

    def expressions(self):
        """All of them, each with its offset in the probe's text."""
        found = [self.config["condition"]] if "condition" in self.config else []
        for action in self.actions:
            found.extend(action.get("expressions", ()))
        return [*found, *self.config["by"]]

    def needs_return(self, compiler):
        """Whether it is about whole calls: a point of time is enough for what is known when a call begins."""
        if self.place["kind"] != "call" or self.place["event"] not in ("call", "return"):
            return False
        if self.place["event"] == "return" or self.slower_ns:
            return True
        mentioned = [name for one in self.expressions() for name in compiler.names_in(one["source"])]
        return any(action["kind"] in ("time", "result") for action in self.actions) or any(
            name in AT_RETURN for name in mentioned
        )

    def over(self, code, budget="cpu"):
        """No more in this turn: the location costs nothing until the governor wakes it."""
        if self.left > 0:
            self.used += self.granted - self.left
            self.granted = self.left = 0
        return self.events.put_to_sleep(self, code, budget)

    def end_unseen(self, code):
        """The end of a call of which nothing is known, past the budget: is it to be watched any longer?

        Other calls go on, and their ends are paid for a while. Without that, no more ends are seen; then other calls
        may get the frames of those that have been forgotten, so none of these may count. This happens last: until the
        callback has returned, no other thread runs.
        """
        if self.pending and self.vain_left > 0:
            self.vain_left -= 1
            return None
        answer = self.over(code)
        self.epoch += 1
        return answer

    def looked_in_vain(self, code, cost):
        """At an exception that is none of the probe's, or one more than it may see. Only local events can be
        disabled."""
        if self.events.everywhere:
            return self.events.let_pass(cost)
        self.vain_left -= cost
        return self.over(code) if self.vain_left < 0 else None

    def fall_asleep(self, budget):
        self.asleep_since = now()
        # Events run out by their number or by their size.
        self.past = "bytes" if budget == "events" and self.governor.lacks_bytes() else budget

    def wake_up(self, moment):
        if self.asleep_since is not None:
            self.asleep_ns += moment - self.asleep_since
            self.asleep_since = None

    def note_cost(self, began):
        """Takes a measured hit into the estimate of what one costs."""
        self.cost_ns += (thread_time() - began - self.cost_ns) / 8

    def is_taken(self):
        if "every" in self.config or self.threshold < 2**32:
            self.seen += 1
            if self.seen % self.config.get("every", 1):
                return False
            return (self.seen * GOLDEN) % 2**32 < self.threshold
        return True


MEASURES = ("count", "sum", "min", "max", "avg", "hist", "time")


class Bound:
    """A probe at one code object: its expressions compiled for the names there."""

    def __init__(self, probe, place, compiler):
        config = probe.config
        self.probe = probe
        self.code = place.code
        self.name = place.name
        self.formatter = compiler.formatter
        self.loaded = compiler.loaded
        self.allow_calls = compiler.allow_calls
        self.compile = lambda one: compiler.compile(one["source"], place.code)
        self.condition = self.compile(config["condition"]) if "condition" in config else None
        self.late = self.condition is not None and any(
            name in AT_RETURN for name in compiler.names_in(config["condition"]["source"])
        )
        self.is_simple = self.condition is None and "every" not in config and "sample" not in config
        self.by = [self.compile(one) for one in config["by"]]
        self.values = [
            (one["source"], last_name(one["source"]), self.compile(one))
            for action in probe.actions
            if action["kind"] == "values"
            for one in action["expressions"]
        ]
        self.measured = [
            self.compile(action["expressions"][0]) if action.get("expressions") else None for action in probe.measures
        ]
        kinds = {action["kind"] for action in probe.actions}
        self.wants_arguments = "args" in kinds
        self.wants_result = "result" in kinds
        self.wants_stack = "snapshot" if "snapshot" in kinds else "stack" if "stack" in kinds else None
        self.parameters = parameters_of(place.code)

    def is_meant(self, frame, context):
        return self.condition is None or self.truth_of(self.condition(frame.f_locals, frame.f_globals, context))

    def truth_of(self, value):
        return bool(value) if self.allow_calls else truth(value)

    def take(self, frame, context, fields=None):
        """One hit that counts: into its group, or as an event into the ring."""
        probe = self.probe
        if probe.measures:
            self.measure(frame, context)
            return None
        if probe.events_left <= 0:
            return probe.over(self.code, "events")
        probe.events_left -= 1
        fields = fields or {}
        if self.values:
            fields["values"] = self.evaluate(frame, context)
        if self.wants_stack is not None:
            fields["stack"] = stack_of(frame, self.wants_stack == "snapshot", self.formatter)
        if self.wants_arguments and "args" not in fields:
            fields["args"] = self.arguments(frame)
        self.report(frame, fields)
        return None

    def report(self, frame, fields):
        probe, loaded = self.probe, self.loaded
        thread = _thread.get_ident()
        task = None if loaded.asyncio is None else loaded.current_task_name()
        where = (thread, loaded.thread_name(thread), task, frame.f_lineno)
        probe.ring.put((probe, self, fields.pop("event", "hit"), now(), where, fields))

    def evaluate(self, frame, context):
        variables, names = frame.f_locals, frame.f_globals
        shown = []
        for source, name, compute in self.values:
            try:
                shown.append((source, *self.formatter.format_named(name, compute(variables, names, context))))
            except Exception as error:
                if is_foreign(error):
                    raise
                shown.append((source, "", explain(error, self.formatter)))
        return shown

    def arguments(self, frame):
        variables = frame.f_locals
        shown = []
        for name in self.parameters:
            try:
                shown.append((name, *self.formatter.format_named(name, variables[name])))
            except KeyError:
                shown.append((name, "", "<deleted>"))
        return shown

    def measure(self, frame, context):
        probe = self.probe
        variables, names = frame.f_locals, frame.f_globals
        key = tuple([self.key_text(compute(variables, names, context)) for compute in self.by])
        group = probe.groups.get(key)
        if group is None:
            if len(probe.groups) >= MAX_GROUPS:
                key = ("…",) * len(self.by)
            group = probe.groups.setdefault(key, [0, *([0, 0, None, None, [0] * BUCKETS] for _ in self.measured)])
        group[0] += 1
        for compute, action, sums in zip(self.measured, probe.measures, group[1:]):
            if action["kind"] == "time":
                add(sums, context[ELAPSED], MICROSECONDS)
            elif compute is not None:
                value = compute(variables, names, context)
                if type(value) is int or type(value) is float or type(value) is bool:
                    add(sums, value, FINEST)
                else:
                    raise TypeError("%s of %s" % (action["kind"], type_name(type(value))))

    def key_text(self, value):
        return value if type(value) is str and len(value) <= self.formatter.chars else self.formatter.format(value)[1]


def add(sums, value, scale):
    sums[0] += 1
    sums[1] += value
    if sums[2] is None or value < sums[2]:
        sums[2] = value
    if sums[3] is None or value > sums[3]:
        sums[3] = value
    # Powers of two, from one part of `scale` on.
    scaled = value * scale
    if scaled == scaled and abs(scaled) != float("inf"):
        sums[4][min(max(int(scaled), 0).bit_length(), BUCKETS - 1)] += 1


def last_name(source):
    """The name that a value goes by: `password` of `user.password`."""
    for separator in (".", "["):
        source = source.rpartition(separator)[2]
    return source.strip("'\"] ")
