"""What a program says of its own asyncio tasks: by asyncio itself, and by the attributes of coroutines."""

import asyncio
import gc
import threading

FRAMES = {
    "coroutine": ("cr_frame", "cr_await"),
    "generator": ("gi_frame", "gi_yieldfrom"),
    "async_generator": ("ag_frame", "ag_await"),
}
WRAPPERS = ("coroutine_wrapper", "async_generator_asend", "async_generator_athrow", "anext_awaitable")


def tasks_of(loop):
    """Tasks of both implementations: asyncio's own functions know one each."""
    return sorted(asyncio.tasks._c_all_tasks(loop) | asyncio.tasks._py_all_tasks(loop), key=lambda task: task.get_name())


def describe(loop):
    tasks = tasks_of(loop)
    return [
        {
            "id": id(task),
            "name": task.get_name(),
            "thread": threading.get_ident(),
            "calls": calls(task.get_coro()),
            "graph": graph(task),
            "awaitedBy": sorted({id(waiter) for waiter in waiters(task)} | {id(one) for one in tasks if one._fut_waiter is task}),
            "waitsFor": None if task._fut_waiter is None or task._fut_waiter.done() else type(task._fut_waiter).__name__,
            "cancelling": task.cancelling(),
        }
        for task in tasks
    ]


def waiters(future):
    """The tasks that await it, also by way of other futures."""
    for waiter in future._asyncio_awaited_by or ():
        if hasattr(waiter, "get_coro"):
            yield waiter
        else:
            yield from waiters(waiter)


def calls(awaitable, via=None):
    """Innermost first: what is called, where it is, and the type of what it is awaited through."""
    kind = type(awaitable).__name__
    if kind in WRAPPERS:
        inner = [one for one in gc.get_referents(awaitable) if type(one).__name__ in (*FRAMES, *WRAPPERS)]
        return calls(inner[0], kind)
    if kind not in FRAMES:
        return []
    frame, inner = (getattr(awaitable, name) for name in FRAMES[kind])
    if frame is None:
        return []
    return [*calls(inner), call(frame, via or kind)]


def call(frame, via):
    return [frame.f_code.co_qualname, frame.f_code.co_filename, frame.f_lineno, via]


def graph(task):
    """What asyncio.capture_call_graph tells of a task: the outer calls, as far as they are coroutines. It knows no
    tasks written in Python, and on tasks that await each other in a ring it never comes to an end of its own."""
    try:
        return [entry.frame.f_code.co_qualname for entry in asyncio.capture_call_graph(task).call_stack]
    except (RecursionError, TypeError):
        return None


def stack(frame):
    """The calls on this thread, from `frame` outwards."""
    return [] if frame is None else [call(frame, "stack"), *stack(frame.f_back)]


def when_idle(loop, report):
    """Calls `report` when nothing is left to be done at once: all tasks wait."""
    def look():
        if loop._ready:
            loop.call_soon(look)
        else:
            report()
    loop.call_soon(look)
