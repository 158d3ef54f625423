"""Something to step through: rounds of work with recursion, a generator and an exception, until standard input is closed.

Says its fingerprint for each line on it.
"""

import os
import select

import support


def factorial(number):
    if number < 2:
        return 1
    return number * factorial(number - 1)


def numbers(limit):
    for number in range(limit):
        yield number


def fail():
    raise ValueError("as expected")


def work(rounds):
    total = 0
    for number in numbers(4):
        total += factorial(number)
    try:
        fail()
    except ValueError as error:
        total += len(str(error))
    return total


def goes_on():
    if not select.select([0], [], [], 0)[0]:
        return True
    if not os.read(0, 100):
        return False
    support.say("fingerprint", support.fingerprint())
    return True


def main():
    support.ready()
    rounds = wrong = 0
    while goes_on():
        rounds += 1
        wrong += work(rounds) != 21
    support.finished(wrong == 0)


main()
