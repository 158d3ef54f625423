"""Works a round every few milliseconds, always in the same way, until standard input is closed: debuggers that stop it
find it at the same place."""

import dataclasses
import select

import support


@dataclasses.dataclass
class Item:
    name: str
    price: int


def gather(items):
    for item in items:
        yield item.price


def check(limit, *rest, strict=False):
    if limit > 40:
        raise ValueError("too much")
    return limit


def nested(depth):
    if depth == 0:
        return "bottom"
    return nested(depth - 1)


def work(items):
    total = 0
    names = []
    for price in gather(items):
        total += price
    try:
        check(total, 1, 2, strict=True)
    except ValueError as error:
        names.append(str(error))
    names.append(nested(3))
    squares = [number * number for number in range(3)]
    return total, names, squares


def main():
    items = [Item("pen", 2), Item("ink", 40), Item("a long name of a thing " * 4, 5)]
    support.ready()
    while not select.select([0], [], [], 0.005)[0]:
        work(items)
    support.finished(True)


main()
