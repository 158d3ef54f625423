"""A task that does not give the loop back, while others wait: it reads the standard input until that is closed
(`blocked`), or computes meanwhile (`busy`). With `eager` it does so within the first step of another task's child."""

import asyncio
import os
import select
import sys

import support
import task_truth


async def leaf():
    await asyncio.get_running_loop().create_future()


def block():
    frame = sys._getframe()
    loop = asyncio.get_running_loop()
    support.say("tasks", task_truth.describe(loop))
    support.say("stack", task_truth.stack(frame))
    support.ready()
    if "busy" in sys.argv:
        while not select.select([0], [], [], 0)[0]:
            spin(200)
    os.read(0, 1)
    support.finished(True)
    os._exit(0)


def spin(rounds):
    return sum(spin(0) for _ in range(rounds))


async def inner():
    block()


async def outer():
    await asyncio.sleep(0)
    await inner()


async def starts_eagerly():
    await asyncio.sleep(0)
    asyncio.Task(outer_now(), loop=asyncio.get_running_loop(), name="eager", eager_start=True)


async def outer_now():
    await inner()


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(leaf(), name="waiting")
        group.create_task(starts_eagerly() if "eager" in sys.argv else outer(), name="running")


asyncio.run(main())
