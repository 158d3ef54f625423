"""Stands still: THREADS threads, each FRAMES calls deep."""

import sys
import threading

threads, frames = int(sys.argv[1]), int(sys.argv[2])
deep = threading.Barrier(threads)
end = threading.Event()


def dive(depth):
    if depth > 1:
        return dive(depth - 1)
    deep.wait()
    if threading.current_thread() is threading.main_thread():
        print("ready", flush=True)
    # Not Event.wait: the frames of the standard library are not to be counted.
    sys.stdin.buffer.raw.read(1)


for _ in range(threads - 1):
    threading.Thread(target=dive, args=(frames - 3,), daemon=True).start()
dive(frames - 1)
