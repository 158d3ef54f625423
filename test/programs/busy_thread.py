"""A thread called `worker` computes without a pause while the main thread waits for the end of standard input."""

import sys
import threading

import support

stop = False
rounds = 0


def spin():
    global rounds
    while not stop:
        rounds += 1


worker = threading.Thread(target=spin, name="worker")
worker.start()
support.ready()
sys.stdin.read()
before_stop = support.fingerprint()
stop = True
worker.join()
support.say("finished", {"result": rounds > 0, "fingerprint": before_stop})
