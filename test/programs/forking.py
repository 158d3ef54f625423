"""Forks whenever it reads a line, and says what the child says of itself, until its standard input is closed."""

import json
import os
import select
import sys
import threading

import support

# Where Python notes what it has warned of: here, that it forks beside threads.
__warningregistry__ = {}


def fork():
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        # No thread of the parent's is here, and code that is sent to it does not come here.
        found = {"threads": len(os.listdir("/proc/self/task")), "stdout": type(sys.stdout).__name__}
        os.write(write, json.dumps(found).encode())
        os._exit(0)
    os.close(write)
    found = os.read(read, 1000)
    os.close(read)
    os.waitpid(pid, 0)
    return json.loads(found)


def main():
    while True:
        ready, _, _ = select.select([0], [], [], 0.001)
        if ready:
            if not os.read(0, 100):
                break
            support.say("child", fork())


support.ready()
main()
support.finished(threading.active_count())
