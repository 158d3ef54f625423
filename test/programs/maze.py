"""Calls its way through functions without a pause. From the line of a call it is known which function was called, so
that every stack it can have is known, and every other one is false. With a depth as argument each walk goes that deep,
through other rooms than the one before."""

import itertools
import random
import select
import sys

import support

ROOMS = 8
DOORS = 3
DEPTH = int(sys.argv[1]) if len(sys.argv) > 1 else 9
sys.setrecursionlimit(DEPTH + 1000)
# Runs no Python code.
is_open = itertools.cycle(random.Random(1).choices([True, False], k=10_007)).__next__

source = []
for room in range(ROOMS):
    source.append(f"def room{room}(depth):")
    source.append("    if depth == 0: return 1")
    for door in range(DOORS):
        call = f"room{(room * DOORS + door + 1) % ROOMS}(depth - 1)"
        choice = "return" if door == DOORS - 1 else "if is_open(): return"
        source.append(f"    {call}" if len(sys.argv) == 1 else f"    {choice} {call}")
    source.append("    return 1")
exec(compile("\n".join(source), "maze", "exec"))

calls = {
    f"room{room}:{room * (DOORS + 3) + 3 + door}": f"room{(room * DOORS + door + 1) % ROOMS}"
    for room in range(ROOMS)
    for door in range(DOORS)
}


def walk():
    while not select.select([0], [], [], 0)[0]:
        room0(DEPTH)  # noqa: F821


support.say("calls", calls)
support.ready()
walk()
support.finished(True)
