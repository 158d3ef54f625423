"""Runs one line of a session: some statements in its variables and those of a frame, each expression shown as it comes.

Part of session_thread.py. Changes in the target: what evaluation.py says, and what the code changes; the names that it
assigns belong to the session.
Messages to the client, beside those of a run: that more lines must or may follow, and then nothing has been run; the
frame that was chosen, or how many there are.
"""

import _ast
import sys

from ..run.evaluation import ONLY_AST, TOP_LEVEL_AWAIT, Evaluation, Scope, find_by_name, find_frames
from ..wire import kinds
from ..wire.channel import Channel

INCOMPLETE_INPUT = 0x4000


class Line(Evaluation):
    """One line from start to finish."""

    def __init__(self, session, config, place):
        Evaluation.__init__(self, Channel(place.connection), place.files, config)
        self.session = session
        self.config = config
        self.program = place.program

    def enter(self):
        program, self.program = self.program, None
        if self.config["use"] is not None:
            return self.choose_frame(program)
        code = self.compile()
        if code is None:
            return self.leave()
        self.session.sources[self.filename] = self.source
        self.session.names.enter(program)
        return self.evaluate(code, (self.session.names,))

    def choose_frame(self, program):
        frames = find_frames(program, None)
        number = self.config["use"]
        if number < 0:
            self.session.names.chosen = None
        elif number < len(frames):
            frame = self.session.names.chosen = frames[number]
            place = (frame.f_code.co_qualname, frame.f_code.co_filename, str(frame.f_lineno))
            self.channel.send(kinds.CHOSEN_FRAME, "\n".join(place).encode("utf-8", "backslashreplace"))
        else:
            self.channel.send(kinds.FRAME_COUNT, b"%d" % len(frames))
        return self.leave()

    def compile(self):
        """None where the text does not end here: more must follow, or a block may go on."""
        flags = TOP_LEVEL_AWAIT | ONLY_AST | (0 if self.config["final"] else INCOMPLETE_INPUT)
        try:
            tree = compile(self.source.decode(), self.filename, "exec", flags, True)
        except SyntaxError as error:
            if type(error).__name__ != "_IncompleteInputError":
                raise
            self.channel.send(kinds.UNFINISHED_LINE, b"incomplete")
            return None
        last = tree.body[-1] if tree.body else None
        if not self.config["final"] and (hasattr(last, "body") or hasattr(last, "cases")):
            self.channel.send(kinds.UNFINISHED_LINE, b"open")
            return None
        return compile(_ast.Interactive(tree.body), self.filename, "single", TOP_LEVEL_AWAIT, True)

    def show(self, value):
        if value is None:
            return
        dict.__setitem__(self.session.names, "_", value)
        self.channel.send_output(kinds.STDOUT, (repr(value) + "\n").encode("utf-8", "backslashreplace"))

    def sources(self):
        return {**self.session.sources, self.filename: self.source}

    def finish(self):
        self.session.names.leave()
        Evaluation.finish(self)


class Names(Scope):
    """The session's variables, and behind them those of the chosen frame, or of that in which the line finds itself."""

    def __init__(self):
        Scope.__init__(self, None)
        self.chosen = None
        self["__name__"] = "__console__"

    def enter(self, program):
        self.frame = self.chosen or program

    def leave(self):
        """Between lines no frame is held that nobody chose."""
        self.frame = self.chosen

    def __missing__(self, name):
        if self.frame is not None:
            return Scope.__missing__(self, name)
        if name in vars(sys.modules["builtins"]):
            raise KeyError(name)
        return find_by_name(name)

    def __setitem__(self, name, value):
        if self.chosen is not None and name in self.chosen.f_locals:
            self.chosen.f_locals[name] = value
        else:
            dict.__setitem__(self, name, value)
