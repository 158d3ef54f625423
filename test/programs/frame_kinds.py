"""Stands still in frames of every kind, and says what each of them has for variables."""

import sys
import threading

from support import finished, ready, say

parked = threading.Semaphore(0)
leave = threading.Event()


def arguments(first, /, second, *rest, keyword=4, **others):
    local = [first, second]
    deleted = 1
    del deleted
    never = None if first else leave
    if never:
        unbound = 1
        return unbound
    park()


def cells(captured, plain=2):
    late = "late"

    def inner():
        own = captured
        park()
        return own, late

    inner()


def empty_cell():
    def inner():
        park()
        return None if leave.is_set() else later

    inner()
    later = 1


def generator():
    held = {"a": 1}
    for number in range(3):
        park()
        yield number, held


def in_generator():
    return list(generator())


def in_comprehension():
    outer = "o"
    return [park() for item in range(1) if item == 0 if outer]


def in_lambda():
    return (lambda x, y=5: park())(3)


def in_class():
    enclosed = 7

    class Body:
        attribute = [1]
        copy = enclosed
        park()

    return Body


class Method:
    def __init__(self, value):
        self.value = value
        super().__init__()
        self.run()

    def run(self):
        park()


def in_exec():
    exec("inside = 1\npark()", {"park": park, "given": 2, "__builtins__": {}})


def park():
    parked.release()
    leave.wait()


def describe(frame):
    frames = []
    while frame is not None:
        variables = {name: [id(value), repr(value)] for name, value in dict(frame.f_locals).items()}
        frames.append([frame.f_code.co_qualname, list(variables.items())])
        frame = frame.f_back
    return frames


def start(target, *args, **kwargs):
    thread = threading.Thread(target=target, args=args, kwargs=kwargs, name=f"in {target.__name__}")
    thread.start()
    parked.acquire()
    return thread


threads = [
    start(arguments, 1, "two", 3, 4, keyword=5, extra=6),
    start(cells, [1, 2]),
    start(empty_cell),
    start(in_generator),
    start(in_comprehension),
    start(in_lambda),
    start(in_class),
    start(Method, "v"),
    start(in_exec),
]
frames = sys._current_frames()
# The threads sleep in the same call as long as nobody sets the event.
say("frames", {thread.native_id: describe(frames[thread.ident]) for thread in threads})
del frames
ready()
sys.stdin.read()
leave.set()
for thread in threads:
    thread.join()
finished(len(threads))
