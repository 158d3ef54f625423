"""Changes containers, without a pause or after each number of milliseconds that it is given. Whoever reads one sees either a state that it once had, or that it changed."""

import collections
import sys
import threading
import time

from support import finished, ready

pause = int(sys.argv[1]) / 1000 if len(sys.argv) > 1 else 0

pairs = {}
items = []
ring = collections.deque(maxlen=8)
members = set()
frozen = (0, 0)
regrown = []
others = ["other"] * 8


def change():
    number = 0
    while not stopping.is_set():
        number += 1
        if pause:
            time.sleep(pause)
        pairs[number % 7] = [number % 7, "v%d" % (number % 7)]
        if number % 5 == 0:
            pairs.clear()
        items.append("i%d" % (number % 100))
        if len(items) > 10:
            del items[:]
        ring.append((number, number))
        members.add("m%d" % (number % 50))
        if number % 20 == 0:
            members.clear()
        globals()["frozen"] = (number, number)
        globals()["regrown"] = ["own"] * 4
        # Leaves memory behind of the size that the list is about to grow to, with other items in it.
        others[:].clear()
        regrown.append("own")


stopping = threading.Event()
thread = threading.Thread(target=change, name="changer")
thread.start()
ready()
sys.stdin.read()
stopping.set()
thread.join()
finished(None)
