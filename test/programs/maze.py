"""Calls its way through functions without a pause. From the line of a call it is known which function was called, so
that every stack it can have is known, and every other one is false."""

import select

import support

ROOMS = 8
DOORS = 3
DEPTH = 9

source = []
for room in range(ROOMS):
    source.append(f"def room{room}(depth):")
    source.append("    if depth == 0: return 1")
    for door in range(DOORS):
        source.append(f"    room{(room * DOORS + door + 1) % ROOMS}(depth - 1)")
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
