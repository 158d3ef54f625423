"""Sleeps for a few random milliseconds, again and again, until its standard input is closed; keeps a log of visits.

Scripts write the log themselves, into `begun` and `ended`: what they did counts, not what their client was told.
"""

import random
import select
import time

import support

begun = []
ended = []

support.ready()
while not select.select([0], [], [], 0)[0]:
    time.sleep(random.uniform(0, 0.004))
    sum(range(random.randrange(2000)))
support.finished({"begun": begun[:], "ended": ended[:], "cleared": [begun.clear(), ended.clear()]})
