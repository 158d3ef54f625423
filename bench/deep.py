"""THREADS threads, each FRAMES calls deep: one computes, in the way that is named, and the others wait."""

import sys
import threading
import time

threads, frames, how = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
sys.setrecursionlimit(100_000)


def leaf(number):
    return number + 1


def count():
    number = 0
    while True:
        number += 1


def call():
    number = 0
    while True:
        number = leaf(number)


def hop(depth):
    if depth > 0:
        hop(depth - 1)


def hops():
    while True:
        for depth in range(300):
            hop(depth)


def dive(depth, innermost):
    if depth > 0:
        return dive(depth - 1, innermost)
    innermost()


def wait():
    time.sleep(100_000)


for _ in range(threads - 1):
    threading.Thread(target=dive, args=(frames - 6, wait), daemon=True).start()
print("ready", flush=True)
if how == "swinging":
    while True:
        dive(frames - 3, int)
dive(frames - 3, {"unchanging": count, "changing": call, "hopping": hops}[how])
