"""Works a round every few milliseconds until standard input is closed. Then it ends, and what its first module holds is
dropped when modules that were imported later are empty already."""

import sys
import types

early = sys.modules["early"] = types.ModuleType("early")
exec(compile("class Early:\n    def __del__(self):\n        return self\n", "early.py", "exec"), vars(early))
early.kept, early.itself = early.Early(), early

import select  # noqa: E402

import support  # noqa: E402


def work():
    return sum(range(10))


support.ready()
while not select.select([0], [], [], 0.005)[0]:
    work()
support.finished(True)
