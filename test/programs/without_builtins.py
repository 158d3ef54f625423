"""Works in code that has no builtins, as that has by which collections.namedtuple makes a class, until a script is lost
there; then it says so, and is busy until its standard input is closed."""

import sys

import support

lost = []
sys.unraisablehook = lambda unraisable: lost.append(str(unraisable.exc_value))
support.ready()
exec("while not lost: pass", {"__builtins__": {}, "lost": lost})
support.say("lost", lost)
for _ in support.lines():
    pass
support.finished(True)
