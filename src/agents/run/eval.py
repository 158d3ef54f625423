"""Evaluates one expression, or runs statements, in a frame of the program, and reports the value to the client.

Changes in the target: what run.py and evaluation.py say, and what the code assigns: the variables of the frame are the
program's own. Messages to the client, beside those of a run: pieces of the value's repr, or its address, and then it is
held until the client's word that it has read it from outside, for a second at most; or how many frames there are, where
the one that was asked for is not among them.
"""

import _ast

from ..program.frames import program_frame
from ..program.threads import _thread
from ..wire import kinds
from ..wire.channel import PATIENCE_S, Channel
from .evaluation import ONLY_AST, TOP_LEVEL_AWAIT, Evaluation, Scope, find_by_name, find_frames, is_single_expression


def main(config, connection, place):
    run = ExpressionRun(Channel(connection), place, config)
    program = program_frame()
    return run.begin(lambda: run.evaluate_in(find_frames(program, config["task"])))


class ExpressionRun(Evaluation):
    """One expression, or some statements, in one frame."""

    def __init__(self, channel, place, config):
        Evaluation.__init__(self, channel, place, config)
        self.config = config
        self.scope = None
        self.given = None
        self.released = _thread.allocate_lock()
        self.released.acquire()

    def evaluate_in(self, frames):
        if self.config["frame"] >= len(frames):
            self.channel.send(kinds.FRAME_COUNT, b"%d" % len(frames))
            return self.leave()
        frame = frames[self.config["frame"]]
        code = compile_code(self.source.decode(), self.filename)
        return self.evaluate(code, (self.find_globals(code, frame), frame.f_locals))

    def find_globals(self, code, frame):
        """The frame's own, unless the code needs more: functions see no locals, and names may come from elsewhere."""
        nested, used = nested_names(code), {*code.co_names}
        local = set(frame.f_locals) if frame.f_locals is not frame.f_globals else set()
        known = local.union(frame.f_globals, frame.f_builtins)
        if nested.isdisjoint(local) and known.issuperset(nested | used):
            return frame.f_globals
        self.scope = Scope(frame)
        # The code's own names are looked up here without asking for missing ones.
        for name in used - local:
            if name in frame.f_globals:
                self.scope[name] = frame.f_globals[name]
            elif name not in frame.f_builtins:
                try:
                    self.scope[name] = find_by_name(name)
                except KeyError:
                    pass
        self.given = dict(self.scope)
        return self.scope

    def show(self, value):
        if self.config["repr"]:
            self.channel.send_output(kinds.REPR_PIECE, repr(value).encode("utf-8", "backslashreplace"))
        else:
            self.channel.send(kinds.VALUE_ADDRESS, b"%d" % id(value))
            self.released.acquire(timeout=PATIENCE_S)

    def hear(self, word):
        if word == kinds.VALUE_READ:
            self.released.release()
        else:
            Evaluation.hear(self, word)

    def finish(self):
        scope, self.scope = self.scope, None
        if scope is not None:
            # What was declared `global` and assigned.
            scope.pop("__builtins__", None)
            assigned = {name: scope[name] for name in scope if scope[name] is not self.given.get(name, scope)}
            scope.frame.f_globals.update(assigned)
            self.given = None
        Evaluation.finish(self)


def compile_code(source, filename):
    """An expression gives its value to sys.displayhook; statements have none."""
    tree = compile(source, filename, "exec", TOP_LEVEL_AWAIT | ONLY_AST, True)
    if is_single_expression(tree):
        return compile(_ast.Interactive(tree.body), filename, "single", TOP_LEVEL_AWAIT, True)
    return compile(tree, filename, "exec", TOP_LEVEL_AWAIT, True)


def nested_names(code):
    """Names that the functions in `code` look up: they see its globals, and not its locals."""
    names = set()
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            names.update(constant.co_names, nested_names(constant))
    return names
