"""Holds a list as append() leaves it for a moment: it is longer already, and the new item is what lay there before."""

import ctypes
import sys

from support import finished, ready, say

WORD = ctypes.sizeof(ctypes.c_void_p)


def word_at(address):
    return ctypes.c_void_p.from_address(address)


items = ["first", None]
item_array = word_at(id(items) + object.__basicsize__ + WORD).value
last = word_at(item_array + WORD)
none = last.value

# The first of many that are freed is the last to be used again, and a list frees its last one first.
numbers = [2**40 + index for index in range(1000)]
freed = [id(number) for number in reversed(numbers)]
numbers.clear()

# Freed memory begins with the address of the next free piece, or with zero where there is none.
linked = next(address for address in freed if word_at(address).value)
alone = next((address for address in freed if not word_at(address).value), None)

ready()
for address in (linked, alone):
    if address is not None:
        last.value = address
        say("appending", word_at(address).value)
        sys.stdin.readline()
last.value = none
finished(items)
