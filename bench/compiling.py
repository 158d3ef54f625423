"""Nothing of Remora runs here: compiles the trace agent's files in a thread that ends, again and again, as CPython's and the
C library's part in what attaching does to the memory of a program. `compiling.py TIMES`"""

import glob
import os
import sys
import threading

SOURCES = [open(path).read() for path in glob.glob(os.path.join(os.path.dirname(__file__), "../src/agents/trace/*.py"))]


def resident():
    return next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS"))


times = int(sys.argv[1])
for number in range(times + 1):
    if number in (0, 1, 2, times // 4, times // 2, times):
        print("  after %3d: %s kB resident, %d interned names" % (number, resident(), sys.getunicodeinternedsize()))
    thread = threading.Thread(target=lambda: [compile(source, "<source>", "exec") for source in SOURCES])
    thread.start()
    thread.join()
