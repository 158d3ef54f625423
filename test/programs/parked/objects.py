"""Objects of the kinds that Remora reads, with their addresses and what they are."""

import functools


class Plain:
    pass


class IntWithAttributes(int):
    pass


class Slotted:
    __slots__ = ("slot",)


class Text(str):
    pass


def instance(cls, /, *args, **attributes):
    made = cls(*args)
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def ints():
    edges = [0, 1, -1, 5, 2**30 - 1, 2**30, -(2**30), 2**60, 2**64 - 1, -(2**63), 10**100, -(10**1000)]
    return [*edges, True, False, IntWithAttributes(2**40)]


def strs():
    wide = ["naïve ÿ", "Привет", "\ud800 alone", "𐌰𐌱𐌲", "mixed é я 🐍", "\ud83d a half 🐍"]
    return ["", "a", "ascii", "x" * 4096, "é" * 3000, "я" * 4096, "🐍" * 1000, *wide, Text("sub"), Text("подкласс 🐍")]


def dicts():
    deleted = {f"key{n}": n for n in range(20)}
    for n in (0, 3, 4, 19):
        del deleted[f"key{n}"]
    shared = instance(Plain, first=1, second=2, third=3)
    backwards = instance(Plain, third=3, first=1)
    del shared.second
    return {
        "empty": {},
        "str keys": {"a": 1, "b": 2},
        "general keys": {1: "one", "two": 2, (3,): None, 4.5: "x"},
        "deleted": deleted,
        "300 entries": {f"key{n}": n for n in range(300)},
        "split": vars(shared),
        "split, out of order": vars(backwards),
        "presized": dict.fromkeys("abcdefghijkl", 0),
    }


def instances():
    deleted = instance(Plain, first=1, second=2)
    del deleted.first
    replaced = instance(Plain, first=1)
    replaced.__dict__ = {"other": 2}
    function = instance(lambda: lambda: None, mark=1)
    return {
        "inline": instance(Plain, first=1, second="two", third=[]),
        "inline, out of order": instance(Plain, third=3, second=2),
        "deleted": deleted,
        "replaced": replaced,
        "no attributes": Plain(),
        "forty": instance(Plain, **{f"n{n}": n for n in range(40)}),
        "int": instance(IntWithAttributes, 7, unit="ms"),
        "slots": instance(Slotted, slot=1),
        "exception": instance(ValueError, "text", code=3),
        "partial": instance(functools.partial, print, mark=2),
        "function": function,
        "object": object(),
    }


kept = {"ints": ints(), "strs": strs(), "dicts": dicts(), "instances": instances()}


def describe():
    return {
        "ints": [[id(value), str(int(value))] for value in kept["ints"]],
        "strs": [[id(value), str(value)] for value in kept["strs"]],
        "dicts": {name: [id(value), entries(value)] for name, value in kept["dicts"].items()},
        "instances": {name: [id(value), own_attributes(value)] for name, value in kept["instances"].items()},
    }


def entries(value):
    return [[id(key), id(each)] for key, each in value.items()]


def own_attributes(value):
    return [[name, id(each)] for name, each in getattr(value, "__dict__", {}).items()]
