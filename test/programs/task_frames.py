"""Tasks whose calls have variables: some wait, one runs. Says of each call what its f_locals are, innermost first."""

import asyncio
import sys

import support

SETTING = "a global"


async def fetch(request):
    password = "hush"
    await asyncio.get_running_loop().create_future()
    return password


async def handle(request, tries=2):
    response = [request, tries]
    await fetch({"id": request["id"], "inner": True})
    return response


async def alone(number):
    await asyncio.get_running_loop().create_future()


def calls(coroutine):
    """The calls of a suspended coroutine, from the innermost one."""
    found = []
    while getattr(coroutine, "cr_frame", None) is not None:
        found.insert(0, [coroutine.__qualname__, variables(coroutine.cr_frame)])
        coroutine = coroutine.cr_await
    return found


def variables(frame):
    return {name: [id(value), repr(value)] for name, value in frame.f_locals.items()}


async def block(tasks):
    """Runs, and keeps its loop from doing anything else."""
    local = "of the running task"
    support.say("calls", {task.get_name(): calls(task.get_coro()) for task in tasks})
    support.ready()
    sys.stdin.read()
    support.finished(local)


async def main():
    tasks = [
        asyncio.create_task(handle({"id": 1}), name="request 1"),
        asyncio.create_task(handle({"id": 2}, tries=3), name="refresh-token"),
        *(asyncio.create_task(alone(number), name="twin") for number in range(2)),
    ]
    await asyncio.sleep(0)
    await asyncio.create_task(block(tasks), name="running")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


asyncio.run(main())
