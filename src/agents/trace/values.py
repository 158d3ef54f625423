"""Reads attributes without running any code of the program, and tells types apart. Part of trace.

It changes nothing. A property, a `__getattr__`, a `__len__`, a `__eq__`, a `__repr__` of the program might block, fail
or have effects; where only such a thing could answer, `NotRun` is raised, whose text says what was not run. Types are
looked at through the type's own slots (`MRO`, `CLASS_DICT`), as a metaclass can answer for the usual names, and told
apart by identity, as it can answer for `hash` and `==` as well.
"""

import sys

MRO = type.__dict__["__mro__"].__get__
CLASS_DICT = type.__dict__["__dict__"].__get__
TYPE_NAME = type.__dict__["__name__"].__get__
TYPE_MODULE = type.__dict__["__module__"].__get__
EXCEPTION_ARGS = BaseException.__dict__["args"].__get__
INSTANCE = object.__getattribute__
FUNCTION = type(lambda: None)
MEMBER = type(FUNCTION.__dict__["__closure__"])
GETSET = type(FUNCTION.__dict__["__code__"])
MODULE = type(sys)
BUILTIN = type(len)


class NotRun(Exception):
    """Says what would have run code of the program."""


def ids(*kinds):
    return frozenset(map(id, kinds))


NONE = type(None)
NUMBERS = ids(int, float, bool, complex)
SCALARS = ids(int, float, bool, complex, str, bytes, NONE, type(...))
SIZED = ids(str, bytes, list, tuple, dict, set, frozenset, bytearray, range)
COLLECTIONS = ids(list, tuple, set, frozenset)
INDEXED = ids(list, tuple, str, bytes, bytearray, range)
# Their attributes are read by functions of C that do nothing else.
PLAIN_GETTERS = ("builtins", "datetime", "types")
# Binding these makes an object, and runs nothing.
BOUND_SAFELY = ids(
    FUNCTION,
    BUILTIN,
    staticmethod,
    classmethod,
    MEMBER,
    type(str.upper),
    type(object.__repr__),
    type(dict.__dict__["fromkeys"]),
)


def class_attribute(kind, name):
    """What the class of an object says of a name, or NotFound."""
    for owner in MRO(kind):
        names = CLASS_DICT(owner)
        if name in names:
            return names[name]
    return NotFound


class NotFound:
    """Stands for an attribute that is not there; never shown."""


def attribute(value, name):
    """The attribute as `value.name` gives it, where no code of the program has a say in that."""
    kind = type(value)
    if issubclass(kind, type):
        return attribute_of_class(value, name)
    found = class_attribute(kind, name)
    if found is not NotFound:
        owner = type(found)
        if id(owner) not in BOUND_SAFELY and class_attribute(owner, "__get__") is not NotFound:
            return attribute_behind(value, name, found)
    try:
        return INSTANCE(value, name)
    except AttributeError:
        if class_attribute(kind, "__getattr__") is not NotFound:
            raise NotRun("<%s.__getattr__: not run>" % TYPE_NAME(kind)) from None
        raise AttributeError("%s has no attribute %s" % (TYPE_NAME(kind), name)) from None


def attribute_behind(value, name, found):
    """The attribute where the class has a descriptor of this name."""
    owner = type(found)
    if owner is GETSET and TYPE_MODULE(found.__objclass__) in PLAIN_GETTERS:
        return INSTANCE(value, name)
    if class_attribute(owner, "__set__") is NotFound and class_attribute(owner, "__delete__") is NotFound:
        names = instance_dict(value)
        if names is not None and name in names:
            return names[name]
    raise NotRun("<%s %s: not run>" % (TYPE_NAME(owner), name))


def attribute_of_class(kind, name):
    if name in ("__name__", "__qualname__", "__module__"):
        return type.__dict__[name].__get__(kind)
    found = class_attribute(kind, name)
    if found is NotFound:
        raise AttributeError("class %s has no attribute %s" % (TYPE_NAME(kind), name))
    if id(type(found)) not in BOUND_SAFELY and class_attribute(type(found), "__get__") is not NotFound:
        raise NotRun("<%s %s: not run>" % (TYPE_NAME(type(found)), name))
    return found


def instance_dict(value):
    """The names of an instance; None where it has no dict, or where its class has put something before it."""
    found = class_attribute(type(value), "__dict__")
    if type(found) is not GETSET:
        return None
    names = found.__get__(value)
    return names if type(names) is dict else None


def type_name(kind):
    module = TYPE_MODULE(kind)
    name = TYPE_NAME(kind)
    return name if module == "builtins" or type(module) is not str else module + "." + name
