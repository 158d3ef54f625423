"""Compiles the expressions of a probe: an allow-list of Python's syntax, each step done by operations.py. Part of
trace.

It changes nothing. An expression becomes a function of the frame's variables `V`, its globals `G` and the context `C`
of the event (result, elapsed milliseconds, error, function). What is not on the list is refused before anything is
attached, with the place at which it stands.
"""

import _ast

from .operations import FUNCTIONS, METHODS, ORDERS, helpers

RESULT, ELAPSED, ERROR, FUNCTION_NAME = range(4)
CONTEXT = {"result": RESULT, "elapsed": ELAPSED, "error": ERROR, "function": FUNCTION_NAME}
AT_RETURN = ("result", "elapsed", "error")
COMPARISONS = ("Eq", "NotEq", "Is", "IsNot", "In", "NotIn", *ORDERS)
CO_OPTIMIZED = 1


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


class Compiler:
    """Makes functions of expressions. Those that read the same names alike in different functions are made once."""

    def __init__(self, allow_calls, formatter, loaded):
        self.allow_calls = allow_calls
        self.formatter = formatter
        self.loaded = loaded
        self.made = {}
        self.known_names = {}
        self.helpers = helpers(allow_calls, formatter, loaded)

    def compile(self, source, code):
        variables = variables_of(code)
        optimized = bool(code.co_flags & CO_OPTIMIZED)
        key = (source, optimized, frozenset(variables.keys() & self.names_in(source)), parameters_of(code))
        if key not in self.made:
            writer = Writer(source, (variables, optimized), parameters_of(code), self.allow_calls)
            text = "lambda V, G, C: " + writer.write(parse(source))
            self.made[key] = eval(compile(text, "<remora>", "eval"), {**self.helpers, "K": writer.constants})
        return self.made[key]

    def names_in(self, source):
        """All names of the expression."""
        if source in self.known_names:
            return self.known_names[source]
        found = self.known_names[source] = set()
        pending = [parse(source)]
        while pending:
            node = pending.pop()
            if type(node) is _ast.Name:
                found.add(node.id)
            for field in node._fields:
                value = getattr(node, field, None)
                pending.extend(one for one in (value if type(value) is list else [value]) if isinstance(one, _ast.AST))
        return found


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
        return "slice(%s)" % ", ".join(
            "None" if one is None else self.write(one) for one in (node.lower, node.upper, node.step)
        )

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
            return "method(%s, %r, (%s))" % (
                self.write(function.value),
                function.attr,
                arguments + "," if arguments else "",
            )
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
