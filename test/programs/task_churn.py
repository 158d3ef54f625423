"""Makes and ends tasks without a pause, until the standard input is closed. The legal stacks are known: a function
with a letter is only ever awaited by the next one with the same letter."""

import asyncio
import os

import support

FUNCTIONS = """
async def {letter}3():
    await asyncio.sleep(0)

async def {letter}2():
    await {letter}3()
    await asyncio.sleep(0)

async def {letter}1():
    for _ in range({rounds}):
        await {letter}2()
    await asyncio.sleep(0)

async def {letter}0():
    await {letter}1()
"""
ROOTS = []
for rounds, letter in enumerate("abcde"):
    exec(FUNCTIONS.format(letter=letter, rounds=rounds * 20))
    ROOTS.append(globals()[letter + "0"])


def end():
    support.finished(True)
    os._exit(0)


async def main():
    asyncio.get_running_loop().add_reader(0, end)
    support.ready()
    while True:
        async with asyncio.TaskGroup() as group:
            for root in ROOTS * 4:
                group.create_task(root(), name=root.__name__)


asyncio.run(main())
