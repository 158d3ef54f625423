"""What a hit asks of the interpreter, under names that are looked up at once. Part of trace; changes nothing."""

import sys
import time

DISABLE = sys.monitoring.DISABLE
now = time.perf_counter_ns
thread_time = time.thread_time_ns
getframe = sys._getframe
