"""Calls functions of all kinds, one round for each line of its input, and keeps its own log of what it has done. Tests
name lines of it."""

import asyncio
import gc
import os
import sys
import threading

import support

LOG = {"calls": 0, "lines": 0, "raised": 0, "effects": 0, "yields": 0}


class Order:
    def __init__(self, number):
        self.id = number
        self.items = list(range(number % 4))
        self.password = "hunter2"

    @property
    def plan(self):
        LOG["effects"] += 1
        return "gold"

    def total(self, factor=1):
        return sum(self.items) * factor


class Hostile:
    """Every question that one can ask it has an effect, and fails."""

    def effect(self, *_):
        LOG["effects"] += 1
        raise RuntimeError("you asked")

    __repr__ = __str__ = __getattr__ = __len__ = __eq__ = __hash__ = __bool__ = __iter__ = __contains__ = effect
    __getitem__ = __add__ = __lt__ = __format__ = __index__ = __int__ = __float__ = __call__ = __class_getitem__ = effect


class HostileType(type):
    def effect(self, *_):
        LOG["effects"] += 1
        raise RuntimeError("you asked")

    __repr__ = __getattr__ = __eq__ = __hash__ = __instancecheck__ = __subclasscheck__ = effect
    __name__ = __module__ = __mro__ = property(effect)


class HostileByType(metaclass=HostileType):
    pass


class Colliding:
    """Stands in a dict at the hash of a word."""

    def __hash__(self):
        return hash("word")

    def __eq__(self, other):
        LOG["effects"] += 1
        return False


def place_order(order, factor):
    LOG["calls"] += 1
    total = order.total(factor)
    LOG["lines"] += 1  # the line of the test
    if order.id % 5 == 0:
        LOG["raised"] += 1
        raise ValueError("no order %d" % order.id)
    return total


def spread(a, b):
    """A statement over several lines, to whose first line Python comes back."""
    return max(
        a,
        b,
        a + b,
    )


def ask(hostile, by_type, mapping, cycle):
    return id(hostile)


def numbers(limit):
    for number in range(limit):
        LOG["yields"] += 1
        yield number


async def fetch(number):
    await asyncio.sleep(0.002)
    return number


def make_closure(number):
    def inner(value):
        return value + number

    return inner


def one_round(number):
    try:
        place_order(Order(number), 2)
    except ValueError:
        pass
    spread(number, 1)
    list(numbers(3))
    make_closure(number)(1)
    cycle = [1]
    cycle.append(cycle)
    ask(HOSTILE, HOSTILE_BY_TYPE, MAPPING, cycle)


HOSTILE = Hostile()
HOSTILE_BY_TYPE = HostileByType()
MAPPING = {Colliding(): 1, "word": 2, "huge": "x" * 100_000, "list": list(range(100_000))}
# To make the dict, the interpreter has asked whether its keys are equal.
LOG["effects"] = 0


async def fetch_all(count):
    await asyncio.gather(*(asyncio.create_task(fetch(number), name="fetch-%d" % number) for number in range(count)))


def hot(number):
    LOG["calls"] += 1
    return number + 1


def watch_myself():
    """The program's own tool, on the same code as the probes."""
    events = sys.monitoring.events

    def seen(code, line):
        LOG["seen"] = LOG.get("seen", 0) + 1

    sys.monitoring.use_tool_id(1, "mine")
    sys.monitoring.register_callback(1, events.LINE, seen)
    sys.monitoring.set_local_events(1, hot.__code__, events.LINE)


def fork():
    """What a child says of the tools and descriptors that it has."""
    child = os.fork()
    # Where other threads run, Python warns of forks, and notes here that it has.
    globals().pop("__warningregistry__", None)
    if child == 0:
        one_round(1)
        sockets = [fd for fd in support.fingerprint()["fds"] if "socket" in str(fd)]
        print("child", support.json.dumps([support.fingerprint()["tools"], sockets]), flush=True)
        os._exit(0)
    os.waitpid(child, 0)


def fail(number):
    raise KeyError(number)


def raise_often(count):
    """Raises, and looks from time to time whether a tool of somebody else watches all exceptions."""
    LOG["unwatched"] = 0
    for number in range(count):
        try:
            fail(number)
        except KeyError:
            pass
        if number % 100 == 0:
            LOG["unwatched"] += not any(map(sys.monitoring.get_events, range(6)))


def perform(command, count):
    if command == "rounds":
        for number in range(count):
            one_round(number)
    elif command == "tasks":
        asyncio.run(fetch_all(count))
    elif command == "threads":
        threads = [threading.Thread(target=one_round, args=(number,), name="worker-%d" % number) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    elif command == "import":
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        import imported_again

        for _ in range(count):
            imported_again.load()
            imported_again.late(1)
        sys.path.pop(0)
    elif command == "fork":
        fork()
    elif command == "hot":
        for number in range(count):
            hot(number)
    elif command == "raise":
        raise_often(count)
    elif command == "state":
        state = support.fingerprint()
        support.say("state", [state["tools"], state["tasks"], len(state["fds"])])
    elif command == "objects":
        found = gc.collect()
        support.say("objects", [found, len(gc.get_objects()), sys.getallocatedblocks()])
    elif command == "take":
        for tool in range(count):
            sys.monitoring.use_tool_id(tool, "mine")
    elif command == "watch":
        watch_myself()


def main():
    support.ready()
    for line in support.lines():
        command, count = line.split()
        perform(command, int(count))
        if command not in ("state", "objects"):
            support.say("log", LOG)
    support.finished(LOG)


main()
