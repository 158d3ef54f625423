"""Calls its way through functions without a pause. From the line of a call it is known which function was called, so
that every stack it can have is known, and every other one is false. With a depth as argument each walk goes that deep,
through other rooms than the one before. With "generators" the rooms are generators that delegate to each other, loop over
each other, and call functions."""

import itertools
import random
import select
import sys

import support

ROOMS = 8
DOORS = 3
KIND = sys.argv[1] if len(sys.argv) > 1 else "short"
DEPTH = int(KIND) if KIND.isdigit() else 9
sys.setrecursionlimit(DEPTH + 1000)
# Runs no Python code.
is_open = itertools.cycle(random.Random(1).choices([True, False], k=10_007)).__next__

source = []
for room in range(ROOMS if KIND != "generators" else 0):
    source.append(f"def room{room}(depth):")
    source.append("    if depth == 0: return 1")
    for door in range(DOORS):
        call = f"room{(room * DOORS + door + 1) % ROOMS}(depth - 1)"
        choice = "return" if door == DOORS - 1 else "if is_open(): return"
        source.append(f"    {call}" if KIND == "short" else f"    {choice} {call}")
    source.append("    return 1")
for room in range(ROOMS if KIND == "generators" else 0):
    source.append(f"def room{room}(depth):")
    source.append("    if depth == 0: yield 1; return")
    for door in range(DOORS):
        call = f"room{(room * DOORS + door + 1) % ROOMS}(depth - 1)"
        ways = f"yield from {call}", f"for one in {call}: yield one", f"for one in {call}: one + one"
        source.append(f"    {ways[(room + door) % 3]}")
    source.append("    yield 1")
exec(compile("\n".join(source), "maze", "exec"))

calls = {
    f"room{room}:{room * (DOORS + 3) + 3 + door}": f"room{(room * DOORS + door + 1) % ROOMS}"
    for room in range(ROOMS)
    for door in range(DOORS)
}


def walk():
    while not select.select([0], [], [], 0)[0]:
        if KIND != "generators":
            room0(DEPTH)  # noqa: F821
        else:
            for _ in room0(DEPTH):  # noqa: F821
                pass


support.say("calls", calls)
support.ready()
walk()
support.finished(True)
