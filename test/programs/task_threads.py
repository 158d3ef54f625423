"""Event loops in four threads, the main one among them, and one loop that has been left behind with a task in it,
until the standard input is closed."""

import asyncio
import os
import queue
import threading

import support
import task_truth

reports = queue.Queue()


async def leaf():
    await asyncio.get_running_loop().create_future()


async def group(name):
    async with asyncio.TaskGroup() as tasks:
        for number in range(3):
            tasks.create_task(leaf(), name=f"{name} {number}")


async def serve(name, when_waiting):
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(group(name), name=name)
    task_truth.when_idle(loop, lambda: when_waiting(task_truth.describe(loop)))
    await task


def leave_behind():
    loop = asyncio.new_event_loop()
    task = loop.create_task(leaf(), name="left behind")
    loop.run_until_complete(asyncio.sleep(0))
    left.extend([loop, task])
    described = task_truth.describe(loop)
    reports.put([{**one, "thread": None} for one in described])


def end():
    support.finished(True)
    os._exit(0)


async def main():
    asyncio.get_running_loop().add_reader(0, end)
    await serve("main", report)


def report(described):
    for worker in workers:
        worker.start()
    for worker in workers:
        described += reports.get()
    support.say("tasks", described)
    support.ready()


left = []
workers = [
    *(threading.Thread(target=asyncio.run, args=[serve(name, reports.put)], name=name, daemon=True) for name in "xyz"),
    threading.Thread(target=leave_behind, name="short"),
]
asyncio.run(main())
