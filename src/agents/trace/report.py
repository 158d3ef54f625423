"""Makes lines of JSON of what the probes put into the ring, and sends them. Part of trace; changes nothing."""

import time

from ..wire import kinds
from ..wire.channel import PATIENCE_S
from .handlers import SUSPENDING
from .interpreter import now
from .value_formatter import ValueFormatter
from .values import type_name

ESCAPES = {code: "\\u%04x" % code for code in range(32)} | {34: '\\"', 92: "\\\\"}
MAX_PLACES = 1_000
MAX_GROUPS_SENT = 200
MAX_ERRORS = 100
BATCH_BYTES = 64 * 1024


class CallingFormatter(ValueFormatter):
    """Renders as the program's own `__repr__` does; for --allow-calls."""

    def format(self, value):
        kind = type(value)
        text = repr(value)
        return type_name(kind), text if len(text) <= self.chars * 2 else text[: self.chars * 2] + "…"

    def render(self, value, depth, above):
        return repr(value)


class Reporter:
    """Everything that the client is told."""

    def __init__(self, tracer):
        self.channel = tracer.channel
        self.ring = tracer.ring
        self.governor = tracer.governor
        self.probes = tracer.probes
        self.started = now()
        self.lines = []
        self.size = 0
        # How many of the lines are of the program's events: what else is said is not counted when it is lost.
        self.events = 0
        self.said_dropped = 0
        self.lost = self.errors = 0
        self.said_errors = set()
        self.said_counts = {}

    def say(self, event, **fields):
        moment = time.perf_counter_ns()
        self.line({"event": event, **self.times(moment), **fields})

    def times(self, moment):
        wall = time.time_ns() - time.perf_counter_ns() + moment
        return {"at": wall // 1000 / 1e3, "monotonicMs": moment // 1000 / 1e3}

    def line(self, fields):
        data = to_json(fields).encode("utf-8", "backslashreplace") + b"\n"
        self.lines.append(data)
        self.size += len(data)
        if self.size >= BATCH_BYTES:
            self.flush()

    def flush(self):
        if self.lines:
            batch, self.lines, self.size = self.lines, [], 0
            events, self.events = self.events, 0
            if not self.channel.send(kinds.TRACE_EVENTS, b"".join(batch)):
                self.lost += events

    def ship(self):
        """Sends what is in the ring, or a part of it, as the client's word must be heard between; returns whether there
        was any."""
        ring = self.ring
        taken = ring.take()
        size = 0
        began = time.thread_time_ns()
        for event in taken:
            if ring.reports_left == 0:
                break
            if event[0] is not None:
                event[0].reported += 1
                ring.count_report()
            before = self.size
            self.hit(event)
            size += max(self.size - before, 0)
        self.governor.charge_events(len(taken), size, time.thread_time_ns() - began)
        dropped = ring.dropped + self.lost
        if dropped > self.said_dropped:
            self.said_dropped, count = dropped, dropped - self.said_dropped
            self.say("dropped", count=count)
        self.flush()
        return bool(taken)

    def hit(self, event):
        probe, bound, kind, moment, (thread, name, task, line), fields = event
        self.events += 1
        said = {"event": kind, **self.times(moment), "threadId": thread, "thread": name}
        if task is not None:
            said["task"] = task
        if probe is None:
            # Once each, as a probe that cannot be evaluated fails at every hit.
            key = (bound.co_qualname, fields["message"])
            self.errors += 1
            if key not in self.said_errors and len(self.said_errors) < MAX_ERRORS:
                self.said_errors.add(key)
                self.line({**said, "function": bound.co_qualname, "file": bound.co_filename, **fields})
            return
        said.update(probe=probe.index, function=bound.name, file=bound.code.co_filename, line=line)
        for name in ("values", "args"):
            if name in fields:
                said[name] = [to_variable(*one) for one in fields[name]]
        for name in ("result", "error"):
            if name in fields:
                said[name] = to_variable(name, *fields[name])
        if "elapsed" in fields:
            said["elapsedMs"] = fields["elapsed"] / 1e6
            if bound.code.co_flags & SUSPENDING["resume"]:
                said["onMs"] = fields["on"] / 1e6
                said["offMs"] = (fields["elapsed"] - fields["on"]) / 1e6
        if "stack" in fields:
            said["stack"] = [to_frame(*one) for one in fields["stack"]]
        self.line(said)

    def attached(self, found):
        for probe, result in found.items():
            bounds = list(probe.bound.values())
            places = [
                {
                    "function": one.name,
                    "file": one.code.co_filename,
                    "line": probe.place.get("line", one.code.co_firstlineno),
                }
                for one in bounds[:MAX_PLACES]
            ]
            waiting = (
                {}
                if bounds or result.waiting is None
                else {"waiting": result.waiting, "names": result.names, "wanted": result.wanted}
            )
            self.say("attached", probe=probe.index, places=places, placeCount=len(bounds), **waiting)
        self.flush()

    def budget(self, probe, consequence):
        self.say("budget", probe=probe.index, budget=probe.past or "cpu", consequence=consequence)

    def say_sampling(self):
        """Says once of each probe that it sees only a part."""
        for probe in self.probes:
            if probe.past != "cpu" and probe.gets_all_wanted:
                continue
            if probe.asleep_since is not None and not probe.said_sampling:
                probe.said_sampling = True
                self.budget(probe, "sampling")

    def coverage(self, probe):
        """The part of the time in which the probe saw everything."""
        asleep = probe.asleep_ns + (0 if probe.asleep_since is None else now() - probe.asleep_since)
        return max(1 - asleep / max(now() - self.started, 1), 0.0)

    def aggregates(self, final=False):
        for probe in self.probes:
            if probe.measures:
                count = probe.hits if probe.counts_only else sum(group[0] for group in list(probe.groups.values()))
                if final or count != self.said_counts.get(probe):
                    self.said_counts[probe] = count
                    self.say(
                        "aggregate",
                        probe=probe.index,
                        final=final,
                        coverage=self.coverage(probe),
                        **self.groups(probe),
                    )

    def groups(self, probe):
        if probe.counts_only:
            return {"groups": [{"key": [], "count": probe.hits}], "groupCount": 1}
        # A copy first, made in one step: other threads go on meanwhile.
        groups = sorted(list(probe.groups.items()), key=lambda one: -one[1][0])  # noqa: C414
        return {"groups": [self.group(probe, *one) for one in groups[:MAX_GROUPS_SENT]], "groupCount": len(groups)}

    def group(self, probe, key, sums):
        measures = []
        for action, (count, total, least, most, buckets) in zip(probe.measures, sums[1:]):
            if action["kind"] != "count":
                measure = {"kind": action["kind"], "count": count, "sum": total, "min": least, "max": most}
                measure["of"] = action["expressions"][0]["source"] if action.get("expressions") else "elapsed"
                if action["kind"] in ("time", "hist"):
                    measure["buckets"] = [[index, number] for index, number in enumerate(buckets) if number]
                measures.append(measure)
        return {"key": list(key), "count": sums[0], "measures": measures}

    def leave(self, refusal, reason):
        """The last words, when nothing of the probes is left: a client that was slow, or stopped, gets time to read
        them."""
        self.channel.patience = PATIENCE_S
        if refusal is not None:
            self.say("refused", code=refusal.code, message=str(refusal), details=refusal.details)
        elif reason != "gone":
            self.say_sampling()
            self.governor.turn(self.probes)
            self.detached(reason)
        self.channel.patience = PATIENCE_S
        self.flush()

    def detached(self, reason):
        while self.ship() and not self.channel.gone:
            pass
        self.aggregates(final=True)
        for probe in self.probes:
            self.say(
                "detached",
                probe=probe.index,
                reason=reason,
                hits=probe.hits,
                reported=probe.reported,
                coverage=self.coverage(probe),
                costUs=probe.cost_ns / 1e3,
            )
        total = {
            "cpuMs": self.governor.cpu_used_ns / 1e6,
            "dropped": self.ring.dropped + self.lost,
            "errors": self.errors,
        }
        self.say("detached", reason=reason, **total)


def to_variable(name, kind, text):
    return {"name": name, "type": kind, "text": text}


def to_frame(function, qualified_name, file, line, variables):
    frame = {"function": function, "qualifiedName": qualified_name, "file": file, "line": line}
    return frame if variables is None else {**frame, "locals": [to_variable(*one) for one in variables]}


def to_json(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is str:
        return '"' + value.translate(ESCAPES) + '"'
    if type(value) is int:
        return repr(value) if abs(value) < 2**1000 else "null"
    if type(value) is float:
        return repr(value) if value - value == 0 else "null"
    if type(value) is dict:
        return "{" + ",".join([to_json(key) + ":" + to_json(one) for key, one in value.items()]) + "}"
    return "[" + ",".join([to_json(one) for one in value]) + "]"
