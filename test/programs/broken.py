"""Holds values that are broken for good, as a library in C leaves them behind, and values that are within themselves.

The broken ones are made of bytes, and nothing in the program refers to them but by their addresses, one item of a list
for as long as it stands still.
"""

import ctypes
import dataclasses
import sys

from support import finished, ready, say

WORD = 8
HEADER = object.__basicsize__ // WORD
kept = []


def address_of(words):
    array = (ctypes.c_uint64 * len(words))(*words)
    kept.append(array)
    return ctypes.addressof(array)


def make(kind, *body, count=1):
    """An object of that class, with these words behind its header."""
    return address_of([count, id(kind), *body, *[0] * 16])


NOWHERE = 0x10
made = {
    "dict": make(dict, 1, 0, address_of([0, 255 | 255 << 8, 0, 5, *[0] * 16]), 0),
    "int": make(int, (1 << 40) << 3),
    "str": make(str, 5, 0, 3 << 2 | 3 << 10),
    "list": make(list, 1 << 60, NOWHERE, 1 << 60),
    "set": make(set, 5, 5, 6, NOWHERE),
    "classless": address_of([1, address_of([1, id(object), *[0] * 64]), *[0] * 16]),
    "freed": make(list, 0, 0, 0, count=0),
    "nowhere": NOWHERE,
}
holder = ["before", None, "after"]
item = ctypes.c_uint64.from_address(ctypes.c_uint64.from_address(id(holder) + (HEADER + 1) * WORD).value + WORD)


@dataclasses.dataclass
class Node:
    left: object = None
    right: object = None
    name: str = "node"


ring = Node()
ring.left = ring.right = ring
shared = None
for _ in range(50):
    shared = Node(shared, shared, "x" * 100)

say("broken", made)
before = item.value
item.value = made["dict"]
ready()
sys.stdin.readline()
item.value = before
finished(len(kept))
