"""Has what paths can lead to: modules, globals, instances, secrets, and threads with frames."""

import collections
import dataclasses
import gc
import sys
import threading
import types

from support import finished, ready, say


class Config:
    LEVEL = 3
    shadowed = "of the class"

    def __init__(self):
        self.DEBUG = True
        self.SECRET_KEY = "hush"
        self.shadowed = "of the instance"
        self.db = {"host": "h", "password": "pw", (1, 2): "t", None: 0, 2.5: "f", b"k": 1, True: "yes", "it's": "q"}

    @property
    def computed(self):
        raise SystemExit("a property ran")

    def __getattr__(self, name):
        raise SystemExit("__getattr__ ran")

    def __repr__(self):
        raise SystemExit("__repr__ ran")


class Slotted:
    __slots__ = ("set", "unset")


@dataclasses.dataclass
class Job:
    id: int
    name: str
    token: str = "t0p"


app = sys.modules["app"] = types.ModuleType("app")
sys.modules["app.sub"] = types.ModuleType("app.sub")
sys.modules["app.sub"].x = 1
app.conf = Config()
app.jobs = [Job(number, f"job {number}") for number in range(3)]
app.recent = collections.deque(range(100))
app.headers = {b"Authorization": b"Bearer", "accept": "*"}
app.pair = collections.namedtuple("Pair", "left right")(1, [2])


class UrgentJob(Job):
    pass


app.urgent = (UrgentJob(7, "urgent"),)
app.failure = ValueError("bad")
app.failure.__cause__ = KeyError("k")
deep = []
for number in range(100_000):
    deep = [deep]
slotted = Slotted()
slotted.set = [1]
# A global with the name of an imported module.
threads = json = {"own": 1}
secret_things = ["a", "b"]
leave = threading.Event()


def work(job, factor=3):
    total = job.id * factor
    return (lambda: leave.wait() and total)()


worker = threading.Thread(target=work, args=(app.jobs[1],), name="worker (1)")
worker.start()


def deeper(level, *rest):
    if level:
        return deeper(level - 1, *rest)
    found = [value for value in gc.get_objects() if isinstance(value, Job)]
    say("jobs", [len(found), sum(map(sys.getsizeof, found)), sorted(map(id, found))])
    del found
    ready()
    sys.stdin.read()


deeper(2, "a", "b")
finished(None)
leave.set()
worker.join()
