"""Runs an event loop until it reads a line, leaves it, and is busy until its standard input is closed."""

import asyncio
import os
import select
import sys

import support


async def wait():
    support.ready()
    while not select.select([0], [], [], 0)[0]:
        await asyncio.sleep(0.001)


loop = asyncio.new_event_loop()
loop.run_until_complete(wait())
os.read(0, 100)
support.say("left")
while not select.select([0], [], [], 0)[0]:
    pass
support.finished("asyncio" in sys.modules)
loop.close()
