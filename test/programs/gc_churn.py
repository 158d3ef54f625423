"""Keeps a number of objects, and makes, collects and forgets others without a pause."""

import gc

from support import work_until_closed


class Job:
    def __init__(self, number):
        self.number = number


class Kept(Job):
    pass


kept = [Kept(number) for number in range(5000)]


def churn(stopping):
    rounds = 0
    while not stopping.is_set():
        made = [Job([number]) for number in range(500)]
        rounds += 1
        gc.collect(rounds % 2 if rounds % 1000 else 2)
        del made


work_until_closed(churn, len(kept))
