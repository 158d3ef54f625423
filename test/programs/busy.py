"""Computes without a pause, in Python, until its standard input is closed."""

import select

import support


def spin():
    rounds = 0
    checksum = 0
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
    support.ready()
    result = spin()
    support.finished(result == expected(result[0]))


main()
