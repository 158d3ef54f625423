"""Keeps a number of objects in the midst of others that are made anew without a pause, where the old ones have been."""

import gc

from support import work_until_closed


class Job:
    def __init__(self, number):
        self.number = [number]


class Kept(Job):
    pass


gc.disable()
remade = [Job(number) for number in range(5000)]
kept = [Kept(number) for number in range(5000)]


def remake(stopping):
    short_lived = [None] * 1000
    number = 0
    while not stopping.is_set():
        number += 1
        short_lived[number % 1000] = Job(number)
        if number % 10 == 0:
            remade[number // 10 % 5000] = Job(number)


work_until_closed(remake, len(kept))
