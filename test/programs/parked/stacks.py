"""Threads that wait for ever in calls of every kind, and their stacks as the interpreter itself tells them."""

import _thread
import contextlib
import itertools
import sys
import threading
import time

never = threading.Lock()
never.acquire()


def park():
    # Between the binding of `step` and the wait the interpreter never lets another thread run: who sees it bound sees
    # this frame inside its last call.
    step = never.acquire
    step()


def start_threads():
    """The idents of the threads, when each of them has come to its place."""
    for name, target in cases().items():
        threading.Thread(target=target, name=name, daemon=True).start()
    _thread.start_new_thread(nameless, ())
    while True:
        frames = sys._current_frames()
        others = [ident for ident in frames if ident != threading.get_ident()]
        if len(others) == len(cases()) + 1 and all(is_parked(frames[ident]) for ident in others):
            return others
        time.sleep(0.001)


def add_interpreter():
    """A second interpreter, idle: the newest one is then not the main one."""
    from concurrent import interpreters

    kept.append(interpreters.create())


def describe_parked(ident):
    return describe_thread(describe_frames(sys._current_frames()[ident]), ident)


def describe_thread(frames, ident=None):
    ident = threading.get_ident() if ident is None else ident
    thread = threading._active.get(ident)
    return {
        "ident": ident,
        "nativeId": thread.native_id if thread else None,
        "name": thread.name if thread else None,
        "frames": frames,
    }


def describe_frames(frame):
    """From `frame` outwards, with the position of each one's last instruction."""
    frames = []
    while frame is not None:
        code = frame.f_code
        unit = frame.f_lasti // 2
        line, end_line, column, end_column = next(itertools.islice(code.co_positions(), unit, None))
        frames.append(
            {
                "function": code.co_name,
                "qualifiedName": code.co_qualname,
                "file": code.co_filename,
                "line": line,
                "endLine": end_line,
                "column": column,
                "endColumn": end_column,
            }
        )
        frame = frame.f_back
    return frames


def is_parked(frame):
    return frame.f_code is park.__code__ and "step" in frame.f_locals


def cases():
    return {
        "recursion": lambda: descend(300),
        "generators": lambda: [each for each in outer_generator()],
        "coroutines": lambda: outer_coroutine().send(None),
        "called from C": lambda: sorted([2, 1], key=lambda item: Instance(item)),
        "größe": lambda: run("größe", "größe.py"),
        "функция": lambda: run("функция", "файл.py"),
        "𐌰𐌱𐌲 \U0001f40d": lambda: run("𐌰𐌱𐌲", "𐌰𐌱𐌲.py"),
        "long function": lambda: exec(long_source, {"park": park}),
        "many locals": lambda: exec(wide_source, {"park": park}),
        "closure": closure(1),
    }


def nameless():
    park()


def descend(depth):
    return park() if depth == 0 else descend(depth - 1)


def outer_generator():
    yield 1
    yield from inner_generator()


def inner_generator():
    with managed():
        yield 2


@contextlib.contextmanager
def managed():
    yield park()


async def outer_coroutine():
    async for each in async_generator():
        print(each)


async def async_generator():
    yield await inner_coroutine()


async def inner_coroutine():
    class Body:
        parked = [park() for _ in range(1)]

    return Body


class Instance:
    def __init__(self, value):
        self.value = (
            value
            + len([])
            + park()
        )


def closure(free):
    cell = [free]

    def inner():
        cell.append(lambda: free)
        park()

    return inner


def run(name, file):
    namespace = {"park": park}
    exec(compile(f"def {name}():\n    é = '{name}'; park()\n", file, "exec"), namespace)
    namespace[name]()


kept = []
# More than 4096 bytes of line table before the call, which no reader may cut off.
long_source = "def long(x):\n" + "    x = (x + 1) % 7\n" * 400 + "    park()\nlong(1)\n"
# A frame larger than a whole chunk of the data stack.
wide_source = "def wide():\n    " + " = ".join(f"local{n}" for n in range(3000)) + " = 1\n    park()\nwide()\n"
