"""Stands still: TASKS tasks that wait, and a table of values to look at."""

import asyncio
import sys

table = {f"key{number}": [number, str(number), {"half": number / 2}] for number in range(100)}


async def leaf(future):
    await future


async def wait(number, future):
    await leaf(future)


async def main(count):
    future = asyncio.get_running_loop().create_future()
    tasks = [asyncio.create_task(wait(number, future)) for number in range(count)]
    await asyncio.sleep(0)
    print("ready", flush=True)
    await asyncio.gather(*tasks)


asyncio.run(main(int(sys.argv[1])))
