"""Runs generated modules, which note all that happens in them: what a trace of them has to say."""

import asyncio
import functools
import importlib
import itertools
import sys
import threading

import support

NOTES = []
SERIAL = itertools.count(1)
FUEL = threading.local()
CALLS = 40


def note(kind, function, *values):
    """What the module does next: in which function, with which values, in which thread and task."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    NOTES.append((kind, function, threading.current_thread().name, task and task.get_name(), values))


def end(function, n, value):
    note("leave", function, n, value)
    return value


def stack(function, n):
    frame = sys._getframe(1)
    names = []
    while frame is not None:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    note("stack", function, n, names)


def serial():
    return next(SERIAL)


def go():
    """Whether one more call may be made: the modules' functions call each other without an end of their own."""
    FUEL.left -= 1
    return FUEL.left >= 0


async def pause(chain):
    """Suspends once all the coroutines that await this one, innermost last."""
    for function, n in reversed(chain):
        note("await", function, n)
    await asyncio.sleep(0)
    for function, n in chain:
        note("resume", function, n)


def kept(function):
    """A decorator as there are many."""

    @functools.wraps(function)
    def wrapper(*arguments, **named):
        return function(*arguments, **named)

    return wrapper


def load(directory, count):
    sys.path.insert(0, directory)
    tools = {one.__name__: one for one in (note, end, stack, serial, go, pause, kept)}
    vars(sys.modules["builtins"])["truth"] = tools
    modules = [importlib.import_module("gen%d" % number) for number in range(count)]
    del vars(sys.modules["builtins"])["truth"]
    sys.path.pop(0)
    return modules


def call_all(module, rounds):
    for round in range(rounds):
        for position, name in enumerate(module.FUNCTIONS):
            FUEL.left = CALLS
            try:
                getattr(module, name)(serial(), round + position)
            except (ValueError, LookupError, ArithmeticError):
                pass


async def await_all(module):
    FUEL.left = CALLS
    tasks = [
        asyncio.create_task(getattr(module, name)(serial(), position, ()), name="%s-%d" % (name, position))
        for position, name in enumerate(module.COROUTINES * 2)
    ]
    await asyncio.sleep(0)
    for task in tasks[:1]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def run(modules, rounds, threads):
    started = [threading.Thread(target=call_all, args=(one, rounds), name="worker-%d" % number) for one in modules for number in range(threads)]
    for thread in started:
        thread.start()
    for one in modules:
        call_all(one, rounds)
        asyncio.run(await_all(one))
    for thread in started:
        thread.join()


def main():
    modules = load(sys.argv[1], int(sys.argv[2]))
    # Imports what only the first run of a loop imports.
    asyncio.run(pause(()))
    support.ready()
    for line in support.lines():
        rounds, threads = map(int, line.split())
        NOTES.clear()
        run(modules, rounds, threads)
        support.say("notes", NOTES)
    support.finished(None)


main()
