"""What runs at a hit: for a moment such as a line, for whole calls, for exceptions. Part of trace.

It changes nothing by itself. Handlers run in the program's threads, inside callbacks of sys.monitoring. What they may
still do is a plain integer that they count down: the interpreter changes threads only at calls and loops, never within
`left -= 1`.
"""

import gc

from .find_code import matches
from .interpreter import DISABLE, getframe, now, thread_time
from .probe import KIND_COST, OVER_COST, PASSING_COST
from .values import MRO, TYPE_NAME, type_name

MAX_PENDING = 100_000
# One hit in so many is timed, as looking at the clock of a thread costs more than counting.
TIMED_MASK = 31

GENERATOR, COROUTINE, ASYNC_GENERATOR = 0x20, 0x80, 0x200
SUSPENDING = {
    "yield": GENERATOR | ASYNC_GENERATOR,
    "await": COROUTINE | ASYNC_GENERATOR,
    "resume": GENERATOR | COROUTINE | ASYNC_GENERATOR,
}


def suspensions(code):
    suspends = code.co_flags & SUSPENDING["resume"]
    return ("PY_YIELD", "PY_RESUME", "PY_THROW") if suspends else ()


def point_handler(bound, depth):
    """For a line, an entry, a yield: everything is known at once."""
    probe, code = bound.probe, bound.code
    if probe.counts_only:
        # The governor reads the hits off what is left.
        def count(_code, _where, _value=None):
            probe.left -= 1
            if probe.left < 0:
                return probe.over(code)

        return count

    def hit(_code, _where, value=None):
        probe.left -= 1
        if probe.left < 0:
            return probe.over(code)
        began = None if probe.left & TIMED_MASK else thread_time()
        frame = getframe(depth)
        context = (value, None, None, bound.name)
        answer = None
        if bound.is_simple or (bound.is_meant(frame, context) and probe.is_taken()):
            fields = {"result": bound.formatter.format(value)} if bound.wants_result else None
            answer = bound.take(frame, context, fields)
        if began is not None:
            probe.note_cost(began)
        return answer

    return hit


def suspension_handler(bound, depth):
    """For `yield` and `await`: async generators do both, and what they yield comes in a wrapper of the interpreter's
    own."""
    if not bound.code.co_flags & ASYNC_GENERATOR:
        return point_handler(bound, depth)
    hit = point_handler(bound, depth + 1)
    is_yield = bound.probe.place["event"] == "yield"

    def suspended(code, where, value):
        kind = type(value)
        is_wrapped = not TYPE_FLAGS(kind) & HEAP_TYPE and TYPE_NAME(kind) == "async_generator_wrapped_value"
        if is_wrapped is not is_yield:
            return None
        return hit(code, where, gc.get_referents(value)[0] if is_wrapped else value)

    return suspended


TYPE_FLAGS = type.__dict__["__flags__"].__get__
HEAP_TYPE = 1 << 9


def call_handlers(bound, depth):
    """For whole calls: what happens at their start, at each suspension and resumption, and at their end."""
    probe, code, pending = bound.probe, bound.code, bound.probe.pending
    shows_early = bound.wants_arguments and not probe.slower_ns and not probe.measures

    def start(_code, _where):
        probe.left -= 1
        if probe.left < 0:
            return probe.over(code)
        began = None if probe.left & TIMED_MASK else thread_time()
        frame = getframe(depth)
        if (bound.late or bound.is_meant(frame, (None, None, None, bound.name))) and probe.is_taken():
            if len(pending) >= MAX_PENDING:
                pending.clear()
            arguments = bound.arguments(frame) if shows_early else None
            started = now()
            # Under the frame's id: the interpreter keeps that object from our look at it to the end of the call.
            pending[id(frame)] = [started, 0, started, arguments, probe.epoch]
        if began is not None:
            probe.note_cost(began)

    def suspend(_code, _where, _value):
        call = pending.get(id(getframe(depth)))
        if call is not None:
            call[1] += now() - call[2]
            call[2] = None

    def resume(_code, _where, _error=None):
        call = pending.get(id(getframe(depth)))
        if call is not None:
            call[2] = now()

    def end(_code, _where, result):
        return finish(getframe(depth), result, None)

    def unwind(_code, _where, error):
        return finish(getframe(depth), None, error)

    def finish(frame, result, error):
        call = pending.pop(id(frame), None)
        if call is None or call[4] != probe.epoch:
            return probe.end_unseen(code) if probe.left <= 0 else None
        ended = now()
        elapsed = ended - call[0]
        if elapsed < probe.slower_ns:
            return None
        context = (result, elapsed / 1e6, error, bound.name)
        if bound.late and not bound.is_meant(frame, context):
            return None
        fields = {
            "event": "return",
            "elapsed": elapsed,
            "on": call[1] + (ended - call[2] if call[2] is not None else 0),
        }
        if call[3] is not None:
            fields["args"] = call[3]
        if error is not None:
            fields["error"] = bound.formatter.format(error)
        elif bound.wants_result:
            fields["result"] = bound.formatter.format(result)
        return bound.take(frame, context, fields)

    return {
        "PY_START": start,
        "PY_YIELD": suspend,
        "PY_RESUME": resume,
        "PY_THROW": resume,
        "PY_RETURN": end,
        "PY_UNWIND": unwind,
    }


def raise_handler(bound, depth):
    """Where an exception starts: its traceback has this frame only."""
    probe, code = bound.probe, bound.code
    wanted = probe.place.get("type")
    traceback_of = BaseException.__dict__["__traceback__"].__get__

    def raised(_code, _where, error):
        entry = traceback_of(error)
        if entry is not None and entry.tb_next is not None:
            return probe.looked_in_vain(code, PASSING_COST)
        if code.co_filename == "<remora>":
            return None
        if not is_kind(error, wanted):
            return probe.looked_in_vain(code, KIND_COST)
        probe.left -= 1
        if probe.left < 0:
            return probe.over(code) if probe.looked_in_vain(code, OVER_COST) is None else DISABLE
        frame = getframe(depth)
        context = (None, None, error, bound.name)
        if not bound.is_meant(frame, context) or not probe.is_taken():
            return None
        return bound.take(frame, context, {"error": bound.formatter.format(error)})

    return raised


def is_kind(error, wanted):
    """Whether it is of this class, or of a subclass, as `except` would have it."""
    if wanted is None:
        return True
    for kind in MRO(type(error)):
        if matches(wanted, TYPE_NAME(kind)) or matches(wanted, type_name(kind)):
            return True
    return False


def together(handlers, events):
    """One handler of several; the location is disabled when all of them say so, and none has been woken meanwhile."""

    def each(*arguments):
        turns = events.turns
        answers = [handler(*arguments) for handler in handlers]
        disabled = answers.count(DISABLE) == len(answers)
        return DISABLE if disabled and turns == events.turns else None

    return each


def line_handler(bound, depth, back):
    """Python comes back to a line after arguments on other lines; only the first time is the statement's."""
    hit = point_handler(bound, depth + 1 if back else depth)
    if not back:
        return hit

    def first(code, line):
        return DISABLE if getframe(depth).f_lasti in back else hit(code, line)

    return first
