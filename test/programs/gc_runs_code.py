"""Collects garbage without a pause whose finalizers and weak references run code, for some hundred microseconds each."""

import gc
import time
import weakref

from support import work_until_closed


class Job:
    def __init__(self):
        self.me = self

    def __del__(self):
        spin()


def forgotten(_):
    spin()


def spin():
    end = time.perf_counter() + 0.0005
    while time.perf_counter() < end:
        pass


def churn(stopping):
    while not stopping.is_set():
        watched = [set()]
        watched.append(watched)
        reference = weakref.ref(watched[0], forgotten)
        filler = [[number] for number in range(5000)]
        for one in filler:
            one.append(one)
        made = [Job() for _ in range(3)]
        del watched, filler, made
        gc.collect()
        del reference


work_until_closed(churn, True)
