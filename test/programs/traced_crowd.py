"""Calls two thousand functions all the time, and has a child that calls one of the same name as one of its own."""

import os
import select
import sys

import support

CHILD = """
import os, select
def hot(number): return number
os.write(1, b"r")
number = 0
while not select.select([0], [], [], 0.005)[0]: hot(number := number + 1)
"""


def spawn():
    """A child that ends with its parent, however that ends. Returns its PID and the pipe that it watches."""
    [ours, theirs], [said, saying] = os.pipe()[::-1], os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, theirs, 0), (os.POSIX_SPAWN_DUP2, saying, 1), (os.POSIX_SPAWN_CLOSE, ours)]
    pid = os.posix_spawn(sys.executable, [sys.executable, "-B", "-c", CHILD], os.environ, file_actions=actions)
    os.close(theirs)
    os.close(saying)
    os.read(said, 1)
    os.close(said)
    return pid, ours


def make_functions():
    module = type(sys)("crowd")
    sys.modules["crowd"] = module
    exec("".join("def function_%d(a):\n    return a + 1\n" % number for number in range(2000)), vars(module))
    return [value for name, value in vars(module).items() if name.startswith("function")]


def hot(number):
    return number


def watched(functions):
    """How many of them some tool has events on."""
    return sum(any(sys.monitoring.get_tool(tool) and sys.monitoring.get_local_events(tool, one.__code__) for tool in range(6)) for one in functions)


def main():
    child, pipe = spawn()
    functions = make_functions()
    support.ready()
    number = 0
    while not select.select([0], [], [], 0)[0]:
        hot(number := number + 1)
        for function in functions:
            function(1)
    counted = watched(functions)
    # What is still there of a visitor goes before the fingerprint is taken.
    support.say("watched", counted)
    os.read(0, 100)
    while not select.select([0], [], [], 0.005)[0]:
        pass
    support.finished(None)
    os.close(pipe)
    os.waitpid(child, 0)


main()
