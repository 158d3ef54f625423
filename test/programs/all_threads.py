"""Four threads that take numbers from a queue and square them, and one that counts, until standard input is closed."""

import queue
import sys
import threading

import support

tasks = queue.SimpleQueue()
results = queue.SimpleQueue()
stop = False
count = 0
traces = []


def square(number):
    result = number * number
    return result


def take():
    while (number := tasks.get()) is not None:
        results.put(square(number))
    traces.append(sys.gettrace())


def spin():
    global count
    while not stop:
        count += 1
    traces.append(sys.gettrace())


def main():
    global stop
    workers = [threading.Thread(target=take, name=f"worker-{index}") for index in range(4)]
    threads = [*workers, threading.Thread(target=spin, name="counter")]
    for thread in threads:
        thread.start()
    support.ready()
    for line in sys.stdin:
        before = count
        for number in range(int(line)):
            tasks.put(number)
        total = sum(results.get() for _ in range(int(line)))
        support.say("squares", [total, count > before])
    before_stop = support.fingerprint()
    stop = True
    for _ in workers:
        tasks.put(None)
    for thread in threads:
        thread.join()
    support.say("finished", {"result": traces == [None] * 5, "fingerprint": before_stop})


main()
