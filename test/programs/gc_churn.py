"""Keeps a number of objects, and makes, collects and forgets others without a pause."""

import gc
import sys
import threading

from support import finished, ready


class Job:
    def __init__(self, number):
        self.number = number


class Kept(Job):
    pass


kept = [Kept(number) for number in range(5000)]
stopping = threading.Event()


def churn():
    rounds = 0
    while not stopping.is_set():
        made = [Job([number]) for number in range(500)]
        rounds += 1
        gc.collect(rounds % 2 if rounds % 1000 else 2)
        del made


thread = threading.Thread(target=churn)
thread.start()
ready()
sys.stdin.read()
stopping.set()
thread.join()
finished(len(kept))
