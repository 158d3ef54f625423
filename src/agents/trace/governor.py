"""Keeps what probes cost within their budgets: a second's worth of credit each, refilled as time goes by. Part of
trace.

Past a budget a location is switched off until the next turn, where it costs nothing; only a part of the hits is seen
then, and which part is known. It changes nothing by itself.
"""

import time

TURN_S = 0.1
# The part of the budget that goes into events that turn out to be none of a probe's: ends of calls whose start was not
# seen, exceptions of another class; and into exceptions of the rest of the program, where all of them are seen.
VAIN_SHARE = 0.25
OTHERS_SHARE = 0.5
# How many turns may go by in which nothing can be granted, before a probe is switched off for good.
PATIENT_TURNS = 30
DISPATCH_NS = 150
# What our own thread needs for an event, until it has been measured.
EVENT_NS = 20_000


class Governor:
    """Grants hits and events to the probes, turn by turn."""

    def __init__(self, events, ring, budget):
        self.events = events
        self.ring = ring
        self.cpu_share = budget["cpuShare"]
        self.events_rate = budget["eventsPerSecond"]
        self.bytes_rate = budget["bytesPerSecond"]
        self.cpu_credit = self.cpu_share * 1e9
        self.events_credit = float(self.events_rate)
        self.bytes_credit = float(self.bytes_rate)
        self.turned = time.monotonic()
        self.own_ns = 0
        self.sent_bytes = self.sent_events = 0
        self.event_ns = float(EVENT_NS)
        self.poor_turns = self.others_granted = 0
        self.cpu_used_ns = 0

    def start(self, probes):
        """From the agent's thread: attaching is not counted."""
        self.own_ns = time.thread_time_ns()
        self.turned = time.monotonic()
        self.pay_for_others()
        for probe in probes:
            self.grant(probe, len(probes))

    def is_due(self):
        return time.monotonic() - self.turned >= TURN_S

    def turn(self, probes):
        """Charges what was done since the last turn, grants anew, and wakes what slept."""
        moment = time.monotonic()
        passed, self.turned = moment - self.turned, moment
        own = time.thread_time_ns()
        own_ns, self.own_ns = own - self.own_ns, own
        active = 0
        spent_ns = 0.0
        for probe in probes:
            used = probe.used + probe.granted - max(probe.left, 0)
            probe.used = probe.granted = probe.left = 0
            probe.hits += used
            spent_ns += used * (probe.cost_ns + DISPATCH_NS) + (probe.vain_granted - probe.vain_left) * DISPATCH_NS
            events = probe.events_granted - probe.events_left
            probe.events_granted = probe.events_left = 0
            self.events_credit -= events
            # Those that sleep will be hit as soon as they are woken.
            active += used > 0 or probe.asleep_since is not None
        spent_ns += self.pay_for_others()
        self.cpu_used_ns += int(spent_ns) + own_ns
        self.refill(passed, spent_ns, own_ns)
        for probe in probes:
            if not probe.off:
                self.grant(probe, max(active, 1))
        self.poor_turns = self.poor_turns + 1 if self.cpu_credit <= 0 and self.events.are_held_back() else 0

    def pay_for_others(self):
        """What exceptions of the rest of the program have cost; grants as many again for this turn."""
        granted = int(self.cpu_share * TURN_S * 1e9 * OTHERS_SHARE / DISPATCH_NS)
        spent_ns = (self.others_granted - self.events.grant_others(granted)) * DISPATCH_NS
        self.others_granted = granted
        return spent_ns

    def refill(self, passed, spent_ns, own_ns):
        share_ns = self.cpu_share * 1e9
        self.cpu_credit = min(self.cpu_credit + share_ns * passed - own_ns - spent_ns, share_ns)
        self.events_credit = min(self.events_credit + self.events_rate * passed, self.events_rate)
        self.bytes_credit = min(self.bytes_credit + self.bytes_rate * passed, self.bytes_rate)

    def lacks_bytes(self):
        """Rather than events."""
        return self.bytes_credit < self.events_credit

    def is_ruined(self):
        """Whether a moment of watching has cost more than is to be had for long: sampling cannot mend that."""
        return self.poor_turns > PATIENT_TURNS

    def begin_again(self):
        """Without what was too dear."""
        self.poor_turns = 0
        self.cpu_credit = 0.0

    def charge_events(self, count, size, spent_ns):
        """So many events have been sent; what that took is in the time of our own thread as well."""
        self.bytes_credit -= size
        self.sent_bytes += size
        self.sent_events += count
        if count > 0:
            self.event_ns += (spent_ns / count - self.event_ns) / 4

    def grant(self, probe, active):
        size = self.sent_bytes / self.sent_events if self.sent_events else 300
        events = int(max(min(self.events_credit, self.bytes_credit / size), 0) / active)
        wanted = self.ring.reports_left
        # Who has asked for less than the budget allows gets no more, and need not be told of it.
        probe.gets_all_wanted = wanted is not None and wanted <= events
        if probe.gets_all_wanted:
            events = wanted
        cost_ns = probe.cost_ns + DISPATCH_NS + (0 if probe.measures else self.event_ns)
        hits = int(max(self.cpu_credit, 0) / cost_ns / active)
        vain = int(self.cpu_share * TURN_S * 1e9 * VAIN_SHARE / DISPATCH_NS / active)
        if probe.epoch != probe.forgotten:
            probe.forgotten = probe.epoch
            probe.pending.clear()
        # All at once, with no call between: the program's threads count down meanwhile.
        probe.granted = probe.left = hits
        probe.events_granted = probe.events_left = events
        probe.vain_granted = probe.vain_left = vain
