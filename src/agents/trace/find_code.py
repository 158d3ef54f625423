"""Finds the code that a probe means: by dotted name with globs, or by file and line. Part of trace.

It changes nothing and runs no code of the program. Functions are found through the modules, their classes and
decorators' closures; nested functions, lambdas and comprehensions through the constants of the code around them, which
all closures made later share. Code that only a running frame still holds, such as a module's own, is found there.
"""

import gc
import sys

from .values import CLASS_DICT, FUNCTION, INSTANCE, MODULE, SCALARS, SIZED, instance_dict

CODE = type(FUNCTION.__dict__["__code__"].__get__(lambda: None))
CELL_CONTENTS = type((lambda x: lambda: x)(1).__closure__[0]).__dict__["cell_contents"].__get__
HOLDERS = {
    id(staticmethod): ("__func__",),
    id(classmethod): ("__func__",),
    id(property): ("fget", "fset", "fdel"),
}
WRAPPING = ("__wrapped__", "func", "callback", "fn")
MAX_NEAR = 2000
# The instruction with which code begins, and to which no event of a line belongs.
RESUME = (lambda: None).__code__.co_code[0]
# A flag of functions, which modules and the bodies of classes lack.
OPTIMIZED = 1


class Place:
    """One code object, under the name by which a person would find it."""

    __slots__ = ("code", "name")

    def __init__(self, code, name):
        self.code = code
        self.name = name


class Walk:
    """Collects the code objects of modules; each is found once."""

    def __init__(self):
        self.seen = set()
        self.found = {}

    def visit_module(self, module):
        namespace = namespace_of(module)
        if namespace is not None and type(namespace.get("__name__")) is str:
            for value in list(namespace.values()):
                self.visit(value, namespace)
        return self

    def visit_frames(self):
        """Code that runs now: a script's own, and functions that their module has let go of."""
        for frame in list(sys._current_frames().values()):
            while frame is not None:
                if frame.f_code.co_filename != "<remora>":
                    self.add(frame.f_code, module_of(frame))
                frame = frame.f_back
        return self

    def visit_heap(self, is_meant):
        """Functions that only some object holds; slower, as it looks at all objects there are."""
        for value in gc.get_objects():
            if type(value) is FUNCTION and is_meant(value):
                self.visit(value, value.__globals__)
        return self

    def visit(self, value, namespace):
        pending = [value]
        while pending:
            value = pending.pop()
            kind = type(value)
            if id(value) in self.seen or id(kind) in SCALARS or id(kind) in SIZED:
                continue
            self.seen.add(id(value))
            if kind is FUNCTION:
                # By its name: in a child that multiprocessing has spawned, the main module is a copy of where it ran.
                if name_in(value.__globals__) == namespace["__name__"]:
                    self.add(value.__code__, namespace["__name__"])
                pending.extend(contents_of(value.__closure__ or ()))
            elif id(kind) in HOLDERS:
                pending.extend(INSTANCE(value, name) for name in HOLDERS[id(kind)])
            elif issubclass(kind, type):
                if CLASS_DICT(value).get("__module__") == namespace["__name__"]:
                    pending.extend(list(CLASS_DICT(value).values()))
            elif kind is not MODULE:
                names = instance_dict(value) or {}
                pending.extend(names[name] for name in WRAPPING if name in names)

    def add(self, code, module):
        pending = [code]
        while pending:
            code = pending.pop()
            if id(code) not in self.found:
                self.found[id(code)] = Place(code, module + "." + code.co_qualname.replace("<locals>.", ""))
                pending.extend(one for one in code.co_consts if type(one) is CODE)


def module_of(frame):
    return name_in(frame.f_globals) or "?"


def name_in(names):
    """The name of the module that a namespace belongs to."""
    name = names.get("__name__") if type(names) is dict else None
    return name if type(name) is str else None


def namespace_of(module):
    if not issubclass(type(module), MODULE):
        return None
    return MODULE.__dict__["__dict__"].__get__(module)


def contents_of(cells):
    for cell in cells:
        try:
            yield CELL_CONTENTS(cell)
        except ValueError:
            # Not set yet.
            pass


def loaded_modules():
    return [(name, module) for name, module in list(sys.modules.items()) if type(name) is str]


class Catalog:
    """The places of modules, and of what runs: each is walked through once, for all probes."""

    def __init__(self):
        self.modules = {}
        self.running = None

    def places(self, modules):
        """Lists of them: one for each module, and one of what runs."""
        lists = [self.places_in(name, module) for name, module in modules]
        if self.running is None:
            self.running = list(Walk().visit_frames().found.values())
        return [*lists, self.running]

    def places_in(self, name, module):
        """Those of a module that is just being imported are not all there yet."""
        known = self.modules.get(name)
        if known is None:
            known = list(Walk().visit_module(module).found.values())
            if not is_being_imported(module):
                self.modules[name] = known
        return known


def is_being_imported(module):
    specification = (namespace_of(module) or {}).get("__spec__")
    return (instance_dict(specification) or {}).get("_initializing") is True


class Found:
    """What a probe is bound to, or why to nothing: `waiting` for an import, or `missing`, with names that exist."""

    def __init__(self, places=(), waiting=None, missing=None, names=(), wanted=None):
        self.places = list(places)
        self.waiting = waiting
        self.missing = missing
        self.names = sorted(names)[:MAX_NEAR]
        self.wanted = wanted


def find_functions(pattern, catalog, thorough):
    """All functions of a name; `thorough` looks through the whole heap where they are not found in their module."""
    wanted = pattern.replace("<locals>.", "")
    main, main_name = main_module()
    if wanted.startswith("__main__."):
        wanted = main_name + wanted.removeprefix("__main__")
    modules = [pair for pair in loaded_modules() if could_hold(pair[0], wanted)]
    if not modules and find_in_main(wanted) is not None:
        wanted = find_in_main(wanted)
        modules = [(main_name, main)]
    lists = catalog.places(modules)
    places = matching(lists, wanted)
    if not places and thorough and modules:
        namespaces = frozenset(id(namespace_of(module)) for _, module in modules)
        walk = Walk().visit_heap(lambda function: id(function.__globals__) in namespaces)
        lists.append(list(walk.found.values()))
        places = matching(lists, wanted)
    if not places and is_module(pattern):
        return Found(missing="%s is a module: write %s.* for all that is in it" % (pattern, pattern))
    if places or "*" in wanted:
        return Found(places, waiting=None if places else "nothing of this name is loaded yet")
    nearest = max((name for name, _ in modules), key=len, default=None)
    if nearest is None or (nearest.count(".") < wanted.count(".") - 1 and is_package(nearest)):
        module = wanted.rpartition(".")[0]
        names = [
            name for name, _ in loaded_modules() if name.count(".") == module.count(".") or name.endswith("." + module)
        ]
        return Found(waiting="its module is not imported yet", names=names, wanted=module)
    names = {place.name for places in lists for place in places if place.name.startswith(nearest + ".")}
    if thorough:
        # Somebody may have left out where the name begins.
        everywhere = catalog.places(loaded_modules())
        names.update(place.name for places in everywhere for place in places if place.name.endswith("." + pattern))
    return Found(missing="no function " + wanted, names=names, wanted=wanted)


def find_in_main(name):
    """The whole name of what may do without the `__main__` before it, or stand with the script's own name there."""
    main, main_name = main_module()
    names = namespace_of(main) or {}
    first, dot, rest = name.partition(".")
    found = names.get(first)
    if "*" not in first and (not dot or type(found) is FUNCTION or issubclass(type(found), type)):
        return main_name + "." + name
    return main_name + "." + rest if is_file(first + ".py", names.get("__file__")) else None


def main_module():
    """The program's own script, and its name, which multiprocessing changes in the children that it spawns."""
    main = sys.modules.get("__main__")
    name = (namespace_of(main) or {}).get("__name__")
    return main, name if type(name) is str else "__main__"


def is_module(name):
    return name in sys.modules or is_file(name + ".py", (namespace_of(main_module()[0]) or {}).get("__file__"))


def is_package(name):
    """Whether it has modules of which one may be imported yet."""
    return "__path__" in (namespace_of(sys.modules.get(name)) or ())


def could_hold(module, pattern):
    literal = pattern.partition("*")[0]
    return literal.startswith(module + ".") or ("*" in pattern and (module + ".").startswith(literal))


def matching(lists, pattern):
    return unique(place for places in lists for place in places if matches(pattern, place.name))


def unique(places):
    """Each code once, under the first name that it goes by."""
    found = {}
    for place in places:
        found.setdefault(id(place.code), place)
    return list(found.values())


def matches(pattern, text):
    """Whether `text` is `pattern`, in which `*` stands for anything."""
    first, *pieces = pattern.split("*")
    if not pieces:
        return text == first
    if not text.startswith(first) or not text.endswith(pieces[-1]) or len(text) < len(first) + len(pieces[-1]):
        return False
    at = len(first)
    for piece in pieces[:-1]:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return at <= len(text) - len(pieces[-1])


def is_file(file, path):
    return type(path) is str and (path == file or path.endswith("/" + file.removeprefix("./")))


def find_line(file, line, catalog, thorough):
    modules = [pair for pair in loaded_modules() if is_file(file, (namespace_of(pair[1]) or {}).get("__file__"))]
    places = in_file(catalog.places(modules), file)
    if thorough and not places:
        walk = Walk().visit_heap(lambda function: is_file(file, function.__code__.co_filename))
        places = in_file([walk.found.values()], file)
    if not places:
        return Found(waiting="no code of this file is loaded yet")
    holding = [place for place in places if line in lines_of(place.code)]
    if not holding:
        lines = sorted({one for place in places for one in lines_of(place.code)})
        beyond = next((one for one in lines if one > line), None)
        near = "next is %d" % beyond if beyond is not None else "the last is %d" % lines[-1]
        return Found(missing="line %d of %s has no code that can still run; %s" % (line, file, near))
    # A lambda on the line is part of a statement of the function around it: only the outermost counts.
    inner = {id(one) for place in holding for one in place.code.co_consts if type(one) is CODE}
    return Found(place for place in holding if id(place.code) not in inner)


def in_file(lists, file):
    return unique(place for places in lists for place in places if is_file(file, place.code.co_filename))


def lines_of(code):
    """The lines on which an event comes. A function begins without one on the line of its `def`, or first decorator."""
    lines = lines_behind_begin(code)
    if code.co_flags & OPTIMIZED:
        return lines or {line_of_begin(code)}
    # A module or a class runs once, and what it only defines there is run by calls.
    for one in code.co_consts:
        if type(one) is CODE and not one.co_name.startswith("<"):
            lines.difference_update(heading_of(one))
    return lines


def lines_behind_begin(code):
    begin = begin_of(code)
    return {line for start, end, line in code.co_lines() if line and not start <= begin < end}


def heading_of(code):
    body = min(lines_behind_begin(code), default=0)
    return range(code.co_firstlineno, max(body, code.co_firstlineno + 1))


def begins_only(code):
    """Whether all of a function is on the line on which it begins."""
    return not lines_behind_begin(code)


def line_of_begin(code):
    begin = begin_of(code)
    return next((line for start, end, line in code.co_lines() if start <= begin < end), code.co_firstlineno)


def begin_of(code):
    return code.co_code[::2].find(RESUME) * 2


def continuations(code, line):
    """Offsets at which Python comes back to a line in the middle of its statement, after arguments on other lines."""
    positions = list(code.co_positions())
    starts = [start for start, _, one in code.co_lines() if one == line]
    back = {start for start in starts if start and comes_back(positions, start // 2)}
    return back if len(back) < len(starts) else set()


def comes_back(positions, index):
    line, end, _, _ = positions[index]
    before, before_end, _, _ = positions[index - 1]
    if None in (line, end, before, before_end):
        return False
    return end > line and line < before and before_end <= end
