"""Where hits wait to be sent: put there by the program's threads, taken by the agent's. Part of trace; changes
nothing."""

RING_EVENTS = 10_000
SHIP_EVENTS = 500


class Ring:
    """Has an end: what does not fit is dropped and counted."""

    def __init__(self, session, reports):
        self.session = session
        self.waiting = []
        self.dropped = 0
        # How many are still wanted; None for any number.
        self.reports_left = reports

    def put(self, event):
        if self.session.fork_code is None and self.session.is_child():
            return self.session.after_fork(None, None)
        if len(self.waiting) < RING_EVENTS:
            self.waiting.append(event)
        else:
            self.dropped += 1

    def take(self):
        """Some of them, the oldest first."""
        taken = self.waiting[:SHIP_EVENTS]
        del self.waiting[:SHIP_EVENTS]
        return taken

    def count_report(self):
        if self.reports_left is not None:
            self.reports_left -= 1
