"""What an expression of a probe can do with values: each step by built-in code alone. Part of trace.

It changes nothing. Where only code of the program could answer, `NotRun` is raised, as in values.py.
"""

import _operator
import sys

from .value_formatter import MAX_LOOKED_AT, format_value
from .values import (
    CLASS_DICT,
    COLLECTIONS,
    FUNCTION,
    INDEXED,
    MRO,
    NUMBERS,
    SCALARS,
    SIZED,
    TYPE_MODULE,
    TYPE_NAME,
    NotFound,
    NotRun,
    attribute,
    class_attribute,
)

MAX_SIZE = 10_000
OPERATORS = {
    "Add": _operator.add,
    "Sub": _operator.sub,
    "Mult": _operator.mul,
    "Div": _operator.truediv,
    "FloorDiv": _operator.floordiv,
    "Mod": _operator.mod,
    "Pow": _operator.pow,
    "BitAnd": _operator.and_,
    "BitOr": _operator.or_,
    "BitXor": _operator.xor,
    "LShift": _operator.lshift,
    "RShift": _operator.rshift,
}
ORDERS = {"Lt": _operator.lt, "LtE": _operator.le, "Gt": _operator.gt, "GtE": _operator.ge}
METHODS = {
    str: "startswith endswith lower upper strip lstrip rstrip split partition rpartition replace find count isdigit",
    bytes: "startswith endswith lower upper strip split find count hex decode",
    dict: "get keys values items",
}


def length(value):
    kind = type(value)
    if id(kind) in SIZED:
        return len(value)
    for owner in MRO(kind):
        if "__len__" in CLASS_DICT(owner):
            if TYPE_MODULE(owner) in ("builtins", "collections") and type(CLASS_DICT(owner)["__len__"]) is not FUNCTION:
                return CLASS_DICT(owner)["__len__"](value)
            raise NotRun("<%s.__len__: not run>" % TYPE_NAME(kind))
    raise TypeError("object of type %s has no len()" % TYPE_NAME(kind))


def truth(value):
    kind = type(value)
    if id(kind) in SCALARS or id(kind) in SIZED:
        return bool(value)
    for name in ("__bool__", "__len__"):
        if class_attribute(kind, name) is not NotFound:
            if name == "__len__":
                return length(value) > 0
            raise NotRun("<%s.%s: not run>" % (TYPE_NAME(kind), name))
    return True


def plain(value, budget=200):
    """Whether equality, order and hash of it are those of built-in types, all the way down."""
    kind = type(value)
    if id(kind) in SCALARS or kind is range:
        return True
    if id(kind) in COLLECTIONS:
        return len(value) <= budget and all(plain(item, budget // 4) for item in value)
    if kind is dict:
        return len(value) <= budget and all(plain(key, 0) and plain(item, budget // 4) for key, item in value.items())
    return False


def by_identity(value):
    """Whether its class leaves equality as object has it."""
    return class_attribute(type(value), "__eq__") is object.__dict__["__eq__"]


def same(left, right):
    if left is right:
        return True
    if plain(left) and plain(right):
        return left == right
    if (by_identity(left) and (by_identity(right) or plain(right))) or (plain(left) and by_identity(right)):
        return False
    unsafe = right if plain(left) else left
    raise NotRun("<%s.__eq__: not run>" % TYPE_NAME(type(unsafe)))


def contains(container, item):
    kind = type(container)
    if kind is str or kind is bytes or kind is range:
        if id(type(item)) not in SCALARS:
            raise TypeError("a %s cannot be in a %s" % (TYPE_NAME(type(item)), TYPE_NAME(kind)))
        return item in container
    if kind is dict or kind is set or kind is frozenset:
        return find_key(container, item) is not NotFound
    if kind is list or kind is tuple:
        if len(container) > MAX_LOOKED_AT:
            raise NotRun("<more than %d items: not searched>" % MAX_LOOKED_AT)
        return any(same(item, one) for one in container)
    raise NotRun("<%s.__contains__: not run>" % TYPE_NAME(kind))


def find_key(container, key):
    """What a dict or set has under the key. A lookup compares with every key of the same hash, whatever its class."""
    if not (plain(key) or (by_identity(key) and class_attribute(type(key), "__hash__") is object.__dict__["__hash__"])):
        raise NotRun("<%s.__hash__: not run>" % TYPE_NAME(type(key)))
    if len(container) > MAX_LOOKED_AT:
        raise NotRun("<more than %d keys: not looked up>" % MAX_LOOKED_AT)
    is_dict = type(container) is dict
    if SCALARS.issuperset(map(id, map(type, container))):
        return (container.get(key, NotFound) if is_dict else key) if key in container else NotFound
    for one in container.items() if is_dict else ((one, one) for one in container):
        if one[0] is key or (plain(one[0]) and plain(key) and one[0] == key):
            return one[1]
    return NotFound


def item(container, key):
    kind = type(container)
    if kind is dict:
        found = find_key(container, key)
        if found is NotFound:
            raise KeyError(format_value(key)[1])
        return found
    if id(kind) in INDEXED:
        if id(type(key)) in NUMBERS or type(key) is slice:
            return container[key]
        raise TypeError("%s indices must be integers or slices" % TYPE_NAME(kind))
    for base in (list, tuple):
        if issubclass(kind, base) and class_attribute(kind, "__getitem__") is base.__dict__["__getitem__"]:
            return base.__getitem__(container, key)
    raise NotRun("<%s.__getitem__: not run>" % TYPE_NAME(kind))


def is_instance(value, kinds):
    """By what the object is, not by what it or a metaclass claims."""
    ancestors = MRO(type(value))
    return any(kind is one for one in ancestors for kind in (kinds if type(kinds) is tuple else (kinds,)))


def variable(variables, names, name):
    """A name that is no local variable of a function."""
    for mapping in (variables, names):
        if type(mapping) is dict and name in mapping:
            return mapping[name]
    found = sys.modules["builtins"].__dict__.get(name, NotFound)
    if found is not NotFound and type(found) is type:
        return found
    raise NameError("name '%s' is not defined" % name)


def compare(operator, left, right):
    if operator == "Is" or operator == "IsNot":
        return (left is right) is (operator == "Is")
    if operator == "Eq" or operator == "NotEq":
        return same(left, right) is (operator == "Eq")
    if operator == "In" or operator == "NotIn":
        return contains(right, left) is (operator == "In")
    for one in (left, right):
        if not plain(one):
            raise NotRun("<%s of %s: not run>" % (operator, TYPE_NAME(type(one))))
    return ORDERS[operator](left, right)


def binary(operator, left, right):
    for one in (left, right):
        if id(type(one)) not in NUMBERS and not plain(one, MAX_SIZE):
            raise NotRun("<%s of %s: not run>" % (operator, TYPE_NAME(type(one))))
    if is_too_large(operator, left, right):
        raise OverflowError("the result would be too large for a probe")
    return OPERATORS[operator](left, right)


def is_too_large(operator, left, right):
    if operator == "Pow":
        return type(left) is int and type(right) is int and abs(right) * left.bit_length() > MAX_SIZE
    if operator == "LShift":
        return type(right) is int and right > MAX_SIZE
    if operator == "Mult":
        sizes = [
            one.bit_length() if type(one) is int else len(one)
            for one in (left, right)
            if id(type(one)) in SIZED or type(one) is int
        ]
        repeated = any(id(type(one)) in SIZED for one in (left, right))
        return max(sizes, default=0) > MAX_SIZE or (
            repeated and any(type(one) is int and one > MAX_SIZE for one in (left, right))
        )
    # A format can ask for any width.
    return operator == "Mod" and type(left) in (str, bytes)


def unary(operator, value):
    if operator == "Not":
        return not truth(value)
    if id(type(value)) not in NUMBERS:
        raise NotRun("<%s of %s: not run>" % (operator, TYPE_NAME(type(value))))
    return {"USub": _operator.neg, "UAdd": _operator.pos, "Invert": _operator.invert}[operator](value)


def method(value, name, arguments):
    for kind, names in METHODS.items():
        if type(value) is kind and name in names.split():
            if kind is dict:
                return method_of_dict(value, name, arguments)
            if all(map(plain, arguments)):
                return getattr(value, name)(*arguments)
    raise NotRun("<%s.%s(): not run>" % (TYPE_NAME(type(value)), name))


def method_of_dict(value, name, arguments):
    if name == "get":
        found = find_key(value, arguments[0])
        return found if found is not NotFound else arguments[1] if len(arguments) > 1 else None
    return list(getattr(value, name)())


CALLING = {
    "attribute": getattr,
    "item": _operator.getitem,
    "variable": lambda variables, names, name: eval(name, names, variables),
    "truth": bool,
    "binary": lambda operator, left, right: OPERATORS[operator](left, right),
    "compare": lambda operator, left, right: compare_freely(operator, left, right),
}


def compare_freely(operator, left, right):
    if operator in ORDERS:
        return ORDERS[operator](left, right)
    if operator == "Eq" or operator == "NotEq":
        return (left == right) if operator == "Eq" else (left != right)
    return (
        (left in right) is (operator == "In") if operator in ("In", "NotIn") else (left is right) is (operator == "Is")
    )


def needs_plain(function):
    """`function`, refusing arguments of which some class of the program has a say."""

    def call(*arguments):
        for one in arguments:
            if not plain(one, MAX_SIZE):
                raise NotRun("<%s of %s: not run>" % (function.__name__, TYPE_NAME(type(one))))
        return function(*arguments)

    return call


FUNCTIONS = {one.__name__: needs_plain(one) for one in (int, float, abs, min, max, sum, round, sorted, ord, chr, hex)}
FUNCTIONS.update(
    len=length, type=lambda value: type(value), isinstance=is_instance, bool=truth, id=lambda value: id(value)
)
FUNCTIONS.update(str=None, repr=None)


def helpers(allow_calls, formatter, loaded):
    """The names that written expressions use."""

    def text(value):
        return value if type(value) is str else formatter.render(value, formatter.depth, ())

    def formatted(value, conversion, spec):
        if conversion == "\0" and id(type(value)) in SCALARS:
            return format(value, spec)
        return format(text(value) if conversion == "s" or conversion == "\0" else formatter.format(value)[1], spec)

    safe = {
        "attribute": attribute,
        "item": item,
        "truth": truth,
        "compare": compare,
        "binary": binary,
        "unary": unary,
        "variable": variable,
        "method": method,
        "formatted": formatted,
        "thread": loaded.current_thread_name,
        "task": loaded.current_task_name,
        "slice": slice,
        "F": {**FUNCTIONS, "str": text, "repr": lambda value: formatter.render(value, formatter.depth, ())},
    }
    return {**safe, **CALLING} if allow_calls else safe
