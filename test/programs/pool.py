"""A pool of four threads that square the numbers of the lines read, until there are no more."""

import concurrent.futures
import threading

import support

barrier = threading.Barrier(5)
squares = []


def square(number):
    return number * number


with concurrent.futures.ThreadPoolExecutor(4, thread_name_prefix="worker") as pool:
    for _ in range(4):
        pool.submit(barrier.wait)
    barrier.wait()
    support.ready()
    while True:
        try:
            squares.append(pool.submit(square, int(input())))
        except EOFError:
            break
        support.say("squares", [future.result() for future in squares])
    support.finished(sum(future.result() for future in squares))
