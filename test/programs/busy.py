"""Computes without a pause, in Python, until its standard input is closed."""

import json
import os
import select

import support


def spin(ready):
    rounds = 0
    checksum = 0
    # Not through a function of Python's: whoever reads this finds the program in this very function.
    os.write(1, ready)
    while not select.select([0], [], [], 0)[0]:
        for number in range(2000):
            checksum = (checksum * 31 + number) % 1_000_003
        rounds += 1
    return [rounds, checksum]


def expected(rounds):
    checksum = 0
    for _ in range(rounds):
        for number in range(2000):
            checksum = (checksum * 31 + number) % 1_000_003
    return [rounds, checksum]


def main():
    result = spin(b"ready %s\n" % json.dumps(support.fingerprint()).encode())
    support.finished(result == expected(result[0]))


main()
