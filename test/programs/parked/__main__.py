"""A program that stands still in known places and says, as one line of JSON, what the interpreter knows of it.

`npm run record-image` starts it, reads its line, and records its memory while it waits for the end of its input. What
it says is the truth that the tests hold Remora's readers against.
"""

# First, so that who looks for it from outside in the order of `sys.modules` reads little.
import threading

import json
import sys

import line_tables
import objects
import stacks
import tasks
import values


def main():
    threads = stacks.start_threads()
    stacks.add_interpreter()
    tasks.start()

    def report():
        main_frames = stacks.describe_frames(sys._getframe(1))
        document = {
            "version": sys.version,
            "versionHex": sys.hexversion,
            "abiFlags": sys.abiflags,
            "mainThread": threading.get_ident(),
            "threads": [stacks.describe_thread(main_frames), *map(stacks.describe_parked, threads)],
            "objects": objects.describe(),
            "values": values.describe(),
            "tasks": tasks.describe(),
            "lineTables": line_tables.describe(),
        }
        print(json.dumps(document), flush=True)

    # One call site for both, so that the position of this frame is the same while it reports and while it waits.
    for step in (report, sys.stdin.readline):
        step()


main()
