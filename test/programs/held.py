"""Refers to one object in every way there is, and tells which objects its own garbage collector finds to refer to it."""

import collections
import contextvars
import dataclasses
import enum
import functools
import gc
import sys
import threading
import types
import weakref

from support import finished, ready, say


class Plain:
    def __hash__(self):
        return id(self)


class Slotted:
    __slots__ = ("x", "__weakref__")


class Classy(metaclass=type("Meta", (type,), {})):
    pass


class DictSub(dict):
    pass


class ListSub(list):
    pass


class Flags(enum.IntFlag):
    A, B = 1, 2
    MANY = 2**300 - 1


@dataclasses.dataclass
class Data:
    a: object


Named = collections.namedtuple("Named", "a b")
target = Plain()


def instances():
    inline, dictionary, replaced, slotted = Plain(), Plain(), Plain(), Slotted()
    inline.a = dictionary.b = slotted.x = Classy.attribute = target
    vars(dictionary)
    replaced.__dict__ = {"c": target}
    return [inline, dictionary, replaced, slotted, Data(target), Named(1, target), types.SimpleNamespace(x=target)]


def containers():
    large = dict.fromkeys(range(100_000)) | {"z": target}
    plain = [[1, target, target], {"k": target}, {target: 1}, {1: "x", "k": target}, (target, 5), {target, 5}, large]
    plain += [{id(target): 1}, {id(target)}, frozenset(range(id(target) - 20, id(target) + 20)), Flags(3), Plain(), Plain()]
    sets = [frozenset([target]), {*range(100), target}]
    subclasses = [DictSub(k=target), ListSub([target]), collections.OrderedDict(k=target)]
    others = [collections.deque([1] * 200 + [target]), collections.defaultdict(None, k=target), [None] * 200_000 + [target]]
    return plain + sets + subclasses + others


def generator(argument):
    yield argument


async def coroutine(argument):
    pass


def callables():
    held = target

    def closure():
        return held

    def default(x=target, *, y=target):
        return x, y

    started = generator(target)
    next(started)
    partial = functools.partial(print, target, k=target)
    return [closure, default, partial, types.MethodType(print, target), started, generator(target), coroutine(target)]


def fails(argument):
    raise ValueError(1)


try:
    fails(target)
except ValueError as raised:
    error = raised

holders = [instances(), containers(), callables(), iter([target]), types.MappingProxyType({"k": target})]
reference, proxy = weakref.ref(target), weakref.proxy(target)
hash(reference)
variable, defaulted = contextvars.ContextVar("variable"), contextvars.ContextVar("defaulted", default=[])
variable.set(target)
defaulted.set(target)
defaulted.get()


@functools.lru_cache
def cached(argument):
    return target


cached(target)
cached(1)
passwords = ["hunter2", target]


def delegate():
    yield from inner


inner, outer = generator(target), delegate()
next(outer)


def work(argument, begun, gate):
    begun.set()
    gate.acquire()


begun, gate = threading.Event(), threading.Lock()
gate.acquire()
worker = threading.Thread(target=work, args=(target, begun, gate), name="worker")
worker.start()
begun.wait()


def owner_of(dictionary):
    """The object whose attributes lie in this dict; the dict itself where it is nobody's."""
    for one in gc.get_referrers(dictionary):
        if isinstance(one, (types.ModuleType, types.SimpleNamespace, Plain)) and vars(one) is dictionary:
            return one
        if isinstance(one, type) and vars(one).get("attribute") is target and "attribute" in dictionary:
            return one
    return dictionary


def referrers():
    found = [one for one in gc.get_referrers(target) if type(one) is not types.FrameType or one.f_code is fails.__code__]
    return sorted({id(owner_of(one) if type(one) is dict else one) for one in found})


ready()
say("referrers", [id(target), referrers()])
sys.stdin.read()
finished(None)
gate.release()
worker.join()
holders[2][-1].close()
