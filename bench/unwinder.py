"""Samples a process with the unwinder of CPython 3.15 as fast as it goes until it is killed, and says now and then how
many stacks it has got so far, and how much CPU time it took for them."""

import sys
import time

import _remote_debugging

unwinder = _remote_debugging.RemoteUnwinder(int(sys.argv[1]), all_threads=True, cache_frames=True)
samples = failed = 0
while True:
    end = time.perf_counter() + 0.02
    while time.perf_counter() < end:
        for _ in range(20):
            try:
                samples += sum(len(interpreter.threads) for interpreter in unwinder.get_stack_trace())
            except (RuntimeError, OSError, UnicodeDecodeError):
                failed += 1
    print(samples, failed, time.process_time(), flush=True)
