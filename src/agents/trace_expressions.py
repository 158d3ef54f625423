"""Compiles the expressions of a probe: an allow-list of Python's syntax, each step done by trace_values.py. Part of trace.

It changes nothing. An expression becomes a function of the frame's variables `V`, its globals `G` and the context `C` of
the event (result, elapsed milliseconds, error, function). What is not on the list is refused before anything is
attached, with the place at which it stands.
"""

import _ast
import _operator
import sys

RESULT, ELAPSED, ERROR, FUNCTION_NAME = range(4)
CONTEXT = {"result": RESULT, "elapsed": ELAPSED, "error": ERROR, "function": FUNCTION_NAME}
AT_RETURN = ("result", "elapsed", "error")
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
COMPARISONS = ("Eq", "NotEq", "Is", "IsNot", "In", "NotIn", *ORDERS)
METHODS = {
    str: "startswith endswith lower upper strip lstrip rstrip split partition rpartition replace find count isdigit",
    bytes: "startswith endswith lower upper strip split find count hex decode",
    dict: "get keys values items",
}
CO_OPTIMIZED = 1


KNOWN_NAMES = {}


class BadExpression(Exception):
    """Has the message, the offset into the expression in characters, and for a name what stands for it."""


def parse(source):
    try:
        # Parentheses let an expression go over several lines, as in the probe.
        return compile("(" + source + "\n)", "<probe>", "eval", 0x400, dont_inherit=True).body
    except SyntaxError as error:
        raise BadExpression(error.msg, max((error.offset or 2) - 2, 0)) from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise BadExpression(str(error) or "too deeply nested", 0) from None


def names_in(source):
    """All names of the expression."""
    if source in KNOWN_NAMES:
        return KNOWN_NAMES[source]
    found = KNOWN_NAMES[source] = set()
    pending = [parse(source)]
    while pending:
        node = pending.pop()
        if type(node) is _ast.Name:
            found.add(node.id)
        for field in node._fields:
            value = getattr(node, field, None)
            pending.extend(one for one in (value if type(value) is list else [value]) if isinstance(one, _ast.AST))
    return found


class Compiler:
    """Makes functions of expressions. Those that read the same names alike in different functions are made once."""

    def __init__(self, allow_calls, shower):
        self.allow_calls = allow_calls
        self.made = {}
        self.helpers = helpers(allow_calls, shower)

    def compile(self, source, code):
        variables = variables_of(code)
        optimized = bool(code.co_flags & CO_OPTIMIZED)
        key = (source, optimized, frozenset(variables.keys() & names_in(source)), parameters_of(code))
        if key not in self.made:
            writer = Writer(source, (variables, optimized), parameters_of(code), self.allow_calls)
            text = "lambda V, G, C: " + writer.write(parse(source))
            self.made[key] = eval(compile(text, "<remora>", "eval"), {**self.helpers, "K": writer.constants})
        return self.made[key]


def variables_of(code):
    return dict.fromkeys((*code.co_varnames, *code.co_cellvars, *code.co_freevars))


def parameters_of(code):
    flags = code.co_flags
    count = code.co_argcount + code.co_kwonlyargcount + bool(flags & 4) + bool(flags & 8)
    return code.co_varnames[:count]


class Writer:
    """Writes the steps of one expression as Python; every step is a helper's."""

    def __init__(self, source, names, parameters, allow_calls):
        self.source = source
        self.variables, self.optimized = names
        self.parameters = parameters
        self.allow_calls = allow_calls
        self.constants = []
        self.kept = 0

    def write(self, node):
        writer = getattr(self, "write_" + type(node).__name__, None)
        if writer is None:
            raise self.refusal(node, "%s is not allowed in a probe" % SAID.get(type(node).__name__, "this"))
        return writer(node)

    def refusal(self, node, message):
        line = self.source.split("\n")[: node.lineno]
        before = sum(len(one) + 1 for one in line[:-1])
        # The parenthesis in front moves the first line; offsets are bytes.
        column = node.col_offset - (node.lineno == 1)
        return BadExpression(message, before + len(line[-1].encode()[:column].decode("utf-8", "ignore")))

    def write_Constant(self, node):
        self.constants.append(node.value)
        return "K[%d]" % (len(self.constants) - 1)

    def write_Name(self, node):
        name = node.id
        if name in self.variables:
            return "V[%r]" % name if self.optimized else "variable(V, G, %r)" % name
        if name in CONTEXT:
            return "C[%d]" % CONTEXT[name]
        if name in ("thread", "task"):
            return name + "()"
        if name == "args":
            return "{%s}" % ", ".join("%r: V[%r]" % (one, one) for one in self.parameters)
        return "variable(V, G, %r)" % name if not self.optimized else "variable(None, G, %r)" % name

    def write_Attribute(self, node):
        if type(node.value) is _ast.Name and node.value.id == "args" and node.attr in self.parameters:
            return "V[%r]" % node.attr
        return "attribute(%s, %r)" % (self.write(node.value), node.attr)

    def write_Subscript(self, node):
        return "item(%s, %s)" % (self.write(node.value), self.write(node.slice))

    def write_Slice(self, node):
        return "slice(%s)" % ", ".join("None" if one is None else self.write(one) for one in (node.lower, node.upper, node.step))

    def write_Compare(self, node):
        operands = [node.left, *node.comparators]
        written = [self.write(one) for one in operands]
        steps = zip(node.ops, written, written[1:])
        return "(%s)" % " and ".join("compare(%r, %s, %s)" % (type(op).__name__, one, two) for op, one, two in steps)

    def write_BinOp(self, node):
        return "binary(%r, %s, %s)" % (type(node.op).__name__, self.write(node.left), self.write(node.right))

    def write_UnaryOp(self, node):
        return "unary(%r, %s)" % (type(node.op).__name__, self.write(node.operand))

    def write_BoolOp(self, node):
        text = self.write(node.values[-1])
        for value in reversed(node.values[:-1]):
            self.kept += 1
            test = "truth(t%d := %s)" % (self.kept, self.write(value))
            pair = (text, "t%d" % self.kept) if type(node.op) is _ast.And else ("t%d" % self.kept, text)
            text = "(%s if %s else %s)" % (pair[0], test, pair[1])
        return text

    def write_IfExp(self, node):
        return "(%s if truth(%s) else %s)" % tuple(self.write(one) for one in (node.body, node.test, node.orelse))

    def write_Tuple(self, node):
        return "(%s)" % "".join(self.write(one) + ", " for one in node.elts)

    def write_List(self, node):
        return "[%s]" % ", ".join(self.write(one) for one in node.elts)

    def write_JoinedStr(self, node):
        return "''.join((%s))" % "".join(self.write(one) + ", " for one in node.values)

    def write_FormattedValue(self, node):
        spec = "''" if node.format_spec is None else self.write(node.format_spec)
        return "formatted(%s, %r, %s)" % (self.write(node.value), chr(max(node.conversion, 0)), spec)

    def write_Call(self, node):
        function = node.func
        plain_arguments = not node.keywords and all(type(one) is not _ast.Starred for one in node.args)
        if not plain_arguments and not self.allow_calls:
            raise self.refusal(node, "only plain arguments are allowed in a probe")
        written = ["%s=%s" % (one.arg, self.write(one.value)) for one in node.keywords if one.arg is not None]
        arguments = ", ".join([*(self.write(one) for one in node.args), *written])
        if type(function) is _ast.Name and function.id in FUNCTIONS and function.id not in self.variables:
            return "F[%r](%s)" % (function.id, arguments)
        if self.allow_calls:
            return "%s(%s)" % (self.write(function), arguments)
        if type(function) is _ast.Attribute and any(function.attr in names.split() for names in METHODS.values()):
            return "method(%s, %r, (%s))" % (self.write(function.value), function.attr, arguments + "," if arguments else "")
        raise self.refusal(node, "this call would run code of the program; --allow-calls allows it")


SAID = {
    "Lambda": "lambda",
    "NamedExpr": ":=",
    "ListComp": "a comprehension",
    "SetComp": "a comprehension",
    "DictComp": "a comprehension",
    "GeneratorExp": "a generator expression",
    "Await": "await",
    "Yield": "yield",
    "YieldFrom": "yield",
    "Starred": "*",
    "Dict": "{}",
    "Set": "{}",
    "TemplateStr": "a template string",
}


def needs_plain(function):
    """`function`, refusing arguments of which some class of the program has a say."""

    def call(*arguments):
        for one in arguments:
            if not plain(one, MAX_SIZE):
                raise NotRun("<%s of %s: not run>" % (function.__name__, TYPE_NAME(type(one))))
        return function(*arguments)

    return call


FUNCTIONS = {one.__name__: needs_plain(one) for one in (int, float, abs, min, max, sum, round, sorted, ord, chr, hex)}
FUNCTIONS.update(len=length, type=lambda value: type(value), isinstance=is_instance, bool=truth, id=lambda value: id(value))
FUNCTIONS.update(str=None, repr=None)


def helpers(allow_calls, shower):
    """The names that written expressions use."""

    def text(value):
        return value if type(value) is str else shower.render(value, shower.depth, ())

    def formatted(value, conversion, spec):
        if conversion == "\0" and id(type(value)) in SCALARS:
            return format(value, spec)
        return format(text(value) if conversion == "s" or conversion == "\0" else shower.show(value)[1], spec)

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
        "thread": current_thread_name,
        "task": current_task_name,
        "slice": slice,
        "F": {**FUNCTIONS, "str": text, "repr": lambda value: shower.render(value, shower.depth, ())},
    }
    return {**safe, **CALLING} if allow_calls else safe


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
        sizes = [one.bit_length() if type(one) is int else len(one) for one in (left, right) if id(type(one)) in SIZED or type(one) is int]
        repeated = any(id(type(one)) in SIZED for one in (left, right))
        return max(sizes, default=0) > MAX_SIZE or repeated and any(type(one) is int and one > MAX_SIZE for one in (left, right))
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
    return (left in right) is (operator == "In") if operator in ("In", "NotIn") else (left is right) is (operator == "Is")


class Loaded:
    """What the program has imported by now, looked up again whenever it has imported more."""

    asyncio = None
    threads = {}
    thread_types = frozenset()

    @classmethod
    def look(cls):
        cls.asyncio = sys.modules.get("_asyncio")
        threading = namespace_of(sys.modules.get("threading"))
        if threading is not None and type(threading.get("_active")) is dict:
            cls.threads = threading["_active"]
            cls.thread_types = ids(*(threading.get(name) for name in ("Thread", "_MainThread", "_DummyThread")))


def current_thread_name():
    """The name of this thread, or its ident where the program knows none."""
    ident = _thread.get_ident()
    return thread_name(ident) or ident


def current_task_name():
    """Name of the asyncio task that runs in this thread, or None."""
    asyncio = Loaded.asyncio
    loop = asyncio._get_running_loop() if asyncio is not None else None
    task = asyncio.current_task(loop) if loop is not None else None
    return asyncio.Task.get_name(task) if task is not None and issubclass(type(task), asyncio.Task) else None
