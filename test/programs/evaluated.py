"""Has variables of many kinds in the frames of a function, a generator, a recursion and tasks, until its input is closed.

Says each change that a stranger makes to them: `turn`, `limit`, `note`.
"""

import asyncio
import os
import select
import sys
import types

import support

app = types.SimpleNamespace(config={"DEBUG": True}, token="hush", handler=None)
level = "global"


class Shown:
    def __repr__(self):
        return "shown by its own repr"


def numbers(limit):
    said = limit
    while True:
        if limit != said:
            said = limit
            support.say("limit", limit)
        yield limit


def work():
    shown = Shown()
    note = "before"
    said = note
    values = [3, 1, 2]
    source = numbers(10)
    # Not through a function of Python's: this is the innermost frame, but for the generator's moments.
    while not select.select([0], [], [], 0)[0]:
        for value in source:
            break
        if note != said:
            said = note
            support.say("note", note)
    return [values, shown is not None, level]


def fall(depth):
    return work() if depth == 0 else fall(depth - 1)


async def worker(limit):
    said = limit
    while True:
        await asyncio.sleep(0.001)
        if limit != said:
            said = limit
            support.say("limit", limit)


async def serve():
    loop = asyncio.get_running_loop()
    end = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(end), sys.stdin)
    task = asyncio.create_task(worker(10), name="worker")
    support.ready()
    await end.read()
    before_close = support.fingerprint()
    task.cancel()
    support.say("finished", {"result": len(asyncio.all_tasks()), "fingerprint": before_close})


if sys.argv[1:] == ["async"]:
    asyncio.run(serve())
else:
    support.ready()
    support.finished(fall(20))
