"""Very deep, very many, or very short, by the first argument; until it is killed."""

import sys
import threading
import time

import support


def hop(depth):
    if depth:
        hop(depth - 1)
    else:
        # Ten thousand frames take longer to copy than a program without a rest would stand still for.
        time.sleep(0.001)


def down(depth):
    if depth:
        return down(depth - 1)
    support.ready()
    while True:
        for depth in range(300):
            hop(depth)


def deep():
    sys.setrecursionlimit(20_000)
    down(10_000)


def crowd():
    def linger():
        while True:
            time.sleep(0.2)

    for number in range(499):
        threading.Thread(target=linger, name=f"member {number}", daemon=True).start()
    support.ready()
    linger()


def short():
    support.ready()
    while True:
        for number in range(1000):
            square(number)


def square(number):
    return number * number


def resumed():
    support.ready()
    while True:
        for square in squares():
            pass


def squares():
    for number in range(1000):
        yield number * number


def chained():
    support.ready()
    while True:
        for number in links(20):
            more = number + 1
            double = number * 2
            less = number - 1
            _ = more + double + less


def links(depth):
    if depth:
        yield from links(depth - 1)
    else:
        yield from range(1000)


globals()[sys.argv[1]]()
