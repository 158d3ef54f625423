"""Tasks that wait, in every way that asyncio has, until the standard input is closed. The argument chooses tasks of
the C or of the Python implementation, or ones that are started eagerly; `mixed` makes them wait for each other."""

import asyncio
import os
import sys
import types

import support
import task_truth


async def leaf():
    await asyncio.get_running_loop().create_future()


async def middle():
    await leaf()


async def nested():
    await middle()


async def numbers():
    try:
        yield 1
        await middle()
    except ValueError:
        await leaf()
    yield 2


async def in_async_for():
    async for _ in numbers():
        pass


async def in_athrow():
    generator = numbers()
    await anext(generator)
    await generator.athrow(ValueError())


async def in_anext_with_default():
    generator = numbers()
    await anext(generator)
    await anext(generator, None)


class PassesOn:
    def __await__(self):
        return middle().__await__()


class Yields:
    def __await__(self):
        return (yield from middle().__await__())


@types.coroutine
def by_generator():
    yield from middle()


async def in_awaitable():
    await PassesOn()


async def in_own_generator():
    await Yields()


async def in_generator_coroutine():
    await by_generator()


async def in_gather():
    await asyncio.gather(middle(), leaf())


async def in_shield():
    await asyncio.shield(middle())


async def in_timeout():
    async with asyncio.timeout(100_000):
        await middle()


async def in_wait_for():
    await asyncio.wait_for(middle(), 100_000)


async def in_wait():
    await asyncio.wait([asyncio.create_task(leaf(), name="waited for")])


async def in_as_completed():
    for first in asyncio.as_completed([leaf(), leaf()]):
        await first


async def in_queue():
    await asyncio.Queue().get()


async def in_event():
    await asyncio.Event().wait()


async def in_inner_group():
    async with asyncio.TaskGroup() as group:
        group.create_task(nested(), name="inner")


async def ignores_cancel():
    try:
        await leaf()
    except asyncio.CancelledError:
        await leaf()


async def shares(task):
    await task


async def by_way_of_a_future():
    """What libraries do that stand a future of their own between two tasks."""
    between = asyncio.get_running_loop().create_future()
    child = asyncio.create_task(leaf(), name="behind a future")
    asyncio.future_add_to_awaited_by(child, between)
    await between


WAITS = [
    nested, in_async_for, in_athrow, in_anext_with_default, in_awaitable, in_own_generator, in_generator_coroutine,
    in_gather, in_shield, in_timeout, in_wait_for, in_wait, in_as_completed, in_queue, in_event, in_inner_group,
]  # fmt: skip

# asyncio.current_task() does not know tasks written in Python, and these ask it.
NOT_IN_PYTHON_TASKS = [in_timeout, in_wait_for, in_inner_group]


def python_tasks(loop, coroutine, **options):
    return asyncio.tasks._PyTask(coroutine, loop=loop, **options)


FACTORIES = {"c": None, "python": python_tasks, "eager": asyncio.eager_task_factory}


async def main(kind):
    loop = asyncio.get_running_loop()
    loop.set_task_factory(FACTORIES.get(kind))
    async with asyncio.TaskGroup() as group:
        for wait in [one for one in WAITS if kind != "python" or one not in NOT_IN_PYTHON_TASKS]:
            group.create_task(wait(), name=wait.__name__)
        shared = group.create_task(leaf(), name="shared")
        for number in range(2):
            group.create_task(shares(shared), name=f"shares {number}")
        for name in (None, None, "größe", "имя", "𐌰𐌱𐌲", "x" * 300):
            group.create_task(leaf(), name=name)
        cancelled = group.create_task(ignores_cancel(), name="cancelled")
        await asyncio.sleep(0)
        cancelled.cancel()
        if kind == "mixed":
            of_python = python_tasks(loop, leaf(), name="of Python")
            group.create_task(shares(of_python), name="of C, waits for Python")
            python_tasks(loop, shares(shared), name="of Python, waits for C")
            group.create_task(by_way_of_a_future(), name="by way of a future")


def report(loop):
    support.say("tasks", task_truth.describe(loop))
    support.ready()


def end():
    support.finished(True)
    os._exit(0)


async def run(kind):
    loop = asyncio.get_running_loop()
    loop.add_reader(0, end)
    # Tasks written in Python have a count of their own, which begins with Task-1 too.
    asyncio.current_task().set_name("run")
    task = asyncio.create_task(main(kind), name="main")
    task_truth.when_idle(loop, lambda: report(loop))
    await task


asyncio.run(run(sys.argv[1]))
