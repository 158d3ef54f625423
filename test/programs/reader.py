"""Waits in input() and adds up what it reads, until there is no more."""

import support


def read_number():
    return int(input())


def add_up():
    total = 0
    while True:
        try:
            total += read_number()
        except EOFError:
            return total
        support.say("total", total)


support.ready()
support.finished(add_up())
