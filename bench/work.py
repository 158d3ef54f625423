"""Calls functions for a while, again and again, and says how often it got round in each second."""

import time


def leaf(number):
    return number + 1


def work(depth):
    total = 0
    for number in range(20):
        total = leaf(total) if depth == 0 else work(depth - 1) if number == 0 else leaf(total)
    return total


print("ready", flush=True)
while True:
    end = time.perf_counter() + 1
    rounds = 0
    while time.perf_counter() < end:
        work(10)
        rounds += 1
    print(rounds, flush=True)
