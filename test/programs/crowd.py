"""As many threads as its argument says, each of which comes by every now and then, until standard input is closed."""

import sys
import threading

import support


def come_by(stopping):
    while not stopping.wait(0.05):
        pass


stopping = threading.Event()
threads = [threading.Thread(target=come_by, args=[stopping]) for _ in range(int(sys.argv[1]))]
for thread in threads:
    thread.start()
support.ready()
while support.select.select([0], [], [], 0.05)[0] == []:
    pass
before_stop = support.fingerprint()
stopping.set()
for thread in threads:
    thread.join()
support.say("finished", {"result": len(threads), "fingerprint": before_stop})
