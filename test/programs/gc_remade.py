"""Keeps a number of objects in the midst of others that are made anew without a pause, where the old ones have been."""

import gc
import sys
import threading

from support import finished, ready


class Job:
    def __init__(self, number):
        self.number = [number]


class Kept(Job):
    pass


gc.disable()
remade = [Job(number) for number in range(5000)]
kept = [Kept(number) for number in range(5000)]
stopping = threading.Event()


def remake():
    short_lived = [None] * 1000
    number = 0
    while not stopping.is_set():
        number += 1
        short_lived[number % 1000] = Job(number)
        if number % 10 == 0:
            remade[number // 10 % 5000] = Job(number)


thread = threading.Thread(target=remake)
thread.start()
ready()
sys.stdin.read()
stopping.set()
thread.join()
finished(len(kept))
