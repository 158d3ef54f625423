"""Programs whose shares are known, by the first argument. Each one keeps account of when its parts really ran, and tells it
at the end."""

import asyncio
import json
import os
import select
import sys
import threading
import time

import support

spans = []


def account(part, start):
    spans.append((part, start, time.perf_counter()))


def wanted():
    return not select.select([0], [], [], 0)[0]


def spin(duration):
    end = time.perf_counter() + duration
    while time.perf_counter() < end:
        pass


def seventy(duration):
    end = time.perf_counter() + duration
    while time.perf_counter() < end:
        pass


def thirty(duration):
    end = time.perf_counter() + duration
    while time.perf_counter() < end:
        pass


def split():
    while wanted():
        start = time.perf_counter()
        seventy(0.0035)
        account("seventy", start)
        start = time.perf_counter()
        thirty(0.0015)
        account("thirty", start)


def in_step():
    """Turns of exactly 5 ms, whatever their parts take."""
    turn = time.perf_counter()
    while wanted():
        start = time.perf_counter()
        seventy(turn + 0.0035 - start)
        account("seventy", start)
        turn += 0.005
        start = time.perf_counter()
        thirty(turn - start)
        account("thirty", start)


def down(depth, duration):
    if depth:
        return down(depth - 1, duration)
    spin(duration)


def recursion():
    while wanted():
        start = time.perf_counter()
        down(10, 0.003)
        account("10", start)
        start = time.perf_counter()
        down(2000, 0.007)
        account("2000", start)


def numbers(duration):
    while True:
        spin(duration)
        yield 1


def generators():
    slow, fast = numbers(0.004), numbers(0.001)
    while wanted():
        start = time.perf_counter()
        slow_step(slow)
        account("slow_step", start)
        start = time.perf_counter()
        fast_step(fast)
        account("fast_step", start)


def slow_step(generator):
    return next(generator)


def fast_step(generator):
    return next(generator)


def pair():
    stop = threading.Event()
    turn = [None, time.perf_counter()]

    def compute():
        me = threading.current_thread().name
        while not stop.is_set():
            for _ in range(1000):
                pass
            # Whoever comes by has the GIL.
            if turn[0] != me:
                now = time.perf_counter()
                spans.append((*turn, now))
                turn[:] = me, now

    threads = [threading.Thread(target=compute, name=name) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    select.select([0], [], [])
    stop.set()
    for thread in threads:
        thread.join()
    account(*turn)


def sleepers():
    stop = threading.Event()

    def doze():
        while not stop.is_set():
            time.sleep(0.05)

    def compute():
        while not stop.is_set():
            pass

    threads = [threading.Thread(target=doze, name=f"sleeper {number}") for number in range(3)]
    threads.append(threading.Thread(target=compute, name="worker"))
    for thread in threads:
        thread.start()
    select.select([0], [], [])
    stop.set()
    for thread in threads:
        thread.join()


async def busy(name, duration):
    while wanted():
        start = time.perf_counter()
        spin(duration)
        account(name, start)
        await asyncio.sleep(0)


async def patient():
    await asyncio.sleep(3600)


async def run_tasks():
    waiting = asyncio.create_task(patient(), name="waiting")
    await asyncio.gather(
        asyncio.create_task(busy("large", 0.008), name="large"),
        asyncio.create_task(busy("small", 0.002), name="small"),
    )
    waiting.cancel()


def tasks():
    asyncio.run(run_tasks())


def handling():
    while wanted():
        start = time.perf_counter()
        try:
            raise ValueError
        except ValueError:
            inside(0.004)
        account("inside", start)
        start = time.perf_counter()
        outside(0.006)
        account("outside", start)


def inside(duration):
    spin(duration)


def outside(duration):
    spin(duration)


def family():
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            while os.getppid() != 1 and wanted():
                spin(0.01)
            os._exit(0)
        children.append(child)
    while wanted():
        spin(0.01)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    os.write(1, b"ready %s\n" % json.dumps(support.fingerprint()).encode())
    globals()[sys.argv[1]]()
    support.finished(spans)
