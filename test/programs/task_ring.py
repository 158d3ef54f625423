"""Tasks that await each other in a ring, two and three of them, so that none can ever go on; and one that waits for
such a task from outside. Until the standard input is closed."""

import asyncio
import os

import support
import task_truth

tasks = {}


async def wait_for(name):
    await asyncio.sleep(0)
    await tasks[name]


def report(loop):
    support.say("tasks", task_truth.describe(loop))
    support.ready()


def end():
    support.finished(True)
    os._exit(0)


async def main():
    loop = asyncio.get_running_loop()
    loop.add_reader(0, end)
    for name, other in {"a": "b", "b": "a", "one": "two", "two": "three", "three": "one", "outside": "one"}.items():
        tasks[name] = asyncio.create_task(wait_for(other), name=name)
    task_truth.when_idle(loop, lambda: report(loop))
    await loop.create_future()


asyncio.run(main())
