"""Threads that wait in one of two functions. One whose number is typed goes over to the other, and says so from there."""

import sys
import threading

import support

THREADS = 4


def here(goes):
    support.say("moved", "here")
    goes.acquire()


def there(goes):
    support.say("moved", "there")
    goes.acquire()


def pace(goes):
    goes.acquire()
    while True:
        there(goes)
        here(goes)


gates = [threading.Semaphore(0) for _ in range(THREADS)]
for number, gate in enumerate(gates):
    threading.Thread(target=pace, args=(gate,), name=f"pacer {number}", daemon=True).start()
support.ready()
for line in sys.stdin:
    gates[int(line)].release()
support.finished(True)
