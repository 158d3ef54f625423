"""Tasks that wait in a loop which nobody runs any more, and what asyncio says of them."""

import asyncio


async def leaf(future):
    await future


async def middle(request, future):
    await leaf(future)
    return request


async def waits_for(task):
    await asyncio.shield(task)


async def group(future):
    async with asyncio.TaskGroup() as members:
        for number in range(2):
            members.create_task(middle(number, future), name=f"member {number}")


def start():
    """All of them, when each has come to where it waits."""
    loop = asyncio.new_event_loop()
    future = loop.create_future()
    first = loop.create_task(middle({"id": 1}, future), name="größe")
    tasks = [first, loop.create_task(waits_for(first), name="waits"), loop.create_task(group(future), name="group")]
    while len(asyncio.all_tasks(loop)) < 5 or loop._ready:
        loop.run_until_complete(asyncio.sleep(0))
    kept.append((loop, tasks))


def describe():
    ((loop, _),) = kept
    return [
        {
            "id": id(task),
            "name": task.get_name(),
            "calls": calls(task.get_coro()),
            "awaitedBy": sorted(id(waiter) for waiter in task._asyncio_awaited_by or () if hasattr(waiter, "get_coro")),
        }
        for task in asyncio.all_tasks(loop)
    ]


def calls(coroutine):
    """Innermost first."""
    found = []
    while hasattr(coroutine, "cr_frame"):
        found.insert(0, [coroutine.cr_frame.f_code.co_qualname, coroutine.cr_frame.f_lineno])
        coroutine = coroutine.cr_await
    return found


kept = []
