"""What is said of an expression that fails, and whose failure it is. Part of trace; changes nothing."""

import _signal

from .value_formatter import ValueFormatter
from .values import EXCEPTION_ARGS, FUNCTION, TYPE_NAME, NotRun, ids


def explain(error, formatter):
    if type(error) is NotRun:
        return error.args[0]
    arguments = EXCEPTION_ARGS(error)
    text = arguments[0] if arguments and type(arguments[0]) is str else ""
    if type(error) is KeyError and text.startswith("local variable "):
        # What a frame says of a variable that is not set yet, with two quotation marks too many.
        return "<%s>" % text.replace("''", "'")
    return "<%s%s>" % (TYPE_NAME(type(error)), ": " + text[: formatter.chars] if text else "")


def is_foreign(error):
    """Whether a signal handler has raised it that ran in the middle of ours: not ours to keep from the program."""
    entry = error.__traceback__
    while entry is not None and entry.tb_frame.f_code.co_filename == "<remora>":
        entry = entry.tb_next
    if entry is None:
        return False
    handlers = map(_signal.getsignal, _signal.valid_signals())
    codes = [
        getattr(getattr(one, "__func__", one), "__code__", None) for one in handlers if id(type(one)) in PLAIN_HANDLERS
    ]
    return any(entry.tb_frame.f_code is code for code in codes)


PLAIN_HANDLERS = ids(FUNCTION, type(ValueFormatter(0, 0, 0, True).format))
