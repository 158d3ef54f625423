"""Holds lists of many lengths, and knows which of them got more room with their last item."""

import sys

from support import finished, ready, say

lists = []
for length in range(200):
    items = []
    room = sys.getsizeof(items)
    for item in range(length):
        room = sys.getsizeof(items)
        items.append(item)
    lists.append((items, sys.getsizeof(items) != room))

ready()
say("lists", [[id(items), grew] for items, grew in lists])
sys.stdin.read()
finished(None)
