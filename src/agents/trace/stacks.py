"""Stacks and local variables of the program's frames, rendered. Part of trace; changes nothing."""

from .expressions import CO_OPTIMIZED, variables_of
from .values import FUNCTION, MODULE, ids

MAX_FRAMES = 100
MAX_LOCALS = 50


def stack_of(frame, with_locals, formatter):
    frames = []
    while frame is not None and len(frames) < MAX_FRAMES:
        code = frame.f_code
        shown = locals_of(frame, formatter) if with_locals else None
        frames.append((code.co_name, code.co_qualname, code.co_filename, frame.f_lineno, shown))
        frame = frame.f_back
    return frames


def locals_of(frame, formatter):
    variables = frame.f_locals
    if not frame.f_code.co_flags & CO_OPTIMIZED:
        # The namespace of a module or a class: what was defined there is no news.
        if type(variables) is not dict:
            return []
        hidden = ids(FUNCTION, MODULE, type)
        names = [name for name, one in list(variables.items()) if type(name) is str and not name.startswith("__")]
        names = [name for name in names if id(type(variables.get(name))) not in hidden]
    else:
        names = list(variables_of(frame.f_code))
    shown = []
    for name in names[:MAX_LOCALS]:
        try:
            shown.append((name, *formatter.format_named(name, variables[name])))
        except KeyError:
            # Not set yet, or deleted.
            pass
    return shown
