"""Tells how a name, or a name with attributes, could go on in a session of lines.

Part of session_thread.py. Changes in the target: what line.py says; attributes may be properties, whose code then runs,
as with the interpreter's own completion. Message to the client: the words, a line each.
"""

import sys

from ..run.run import Listener
from ..wire import kinds
from .line import Line


class Completion(Line):
    """The words that go on from a text."""

    def enter(self):
        program, self.program = self.program, None
        self.session.names.enter(program)
        self.code = self.find_words.__func__.__code__
        self.listener = Listener(self)
        try:
            words = self.find_words(self.source.decode())
            self.channel.send(kinds.COMPLETIONS, "\n".join(words).encode("utf-8", "backslashreplace"))
        except Exception:
            # There is nothing of that name.
            pass
        return self.leave()

    def find_words(self, text):
        path, dot, start = text.rpartition(".")
        if dot == "":
            names = self.find_names()
        else:
            first, *others = path.split(".")
            value = self.find_value(first)
            for name in others:
                value = getattr(value, name)
            names = dir(value)
        words = sorted(name for name in {*names} if isinstance(name, str) and name.startswith(start))
        shown = [name for name in words if start.startswith("_") or not name.startswith("_")]
        return [path + dot + name for name in shown or words]

    def find_value(self, name):
        try:
            return self.session.names[name]
        except KeyError:
            return vars(sys.modules["builtins"])[name]

    def find_names(self):
        names = self.session.names
        frame = names.frame
        beyond = () if frame is None else (frame.f_locals, frame.f_globals)
        spaces = (names, *beyond, vars(sys.modules["builtins"]), vars(sys.modules.get("__main__", object)))
        return [name for space in spaces for name in space]
