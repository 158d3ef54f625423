"""Starts children by multiprocessing's `spawn`, one after the other, as lines are read. Each calls a function of this module
until it is told to end. Beside them runs multiprocessing's resource tracker, which never comes to a line of Python."""

import multiprocessing

import support


def work(number):
    return number


def loop(told):
    while not told.poll(0.005):
        work(7)


def main():
    context = multiprocessing.get_context("spawn")
    children = []
    support.ready()
    for line in support.lines():
        if line == "start":
            ours, theirs = context.Pipe()
            child = context.Process(target=loop, args=(theirs,))
            child.start()
            children.append((child, ours))
            support.say("started", child.pid)
        elif line == "end":
            child, ours = children.pop()
            ours.send(None)
            child.join()
            support.say("ended", child.exitcode)
    support.finished(True)


if __name__ == "__main__":
    main()
