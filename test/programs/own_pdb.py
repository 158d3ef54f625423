"""Stops in a pdb of its own, while another thread computes, and goes on when that is told to continue."""

import pdb
import sys
import threading
import time

import support

stop = False


def spin():
    while not stop:
        pass


other = threading.Thread(target=spin, name="other", daemon=True)
other.start()
support.ready()
debugger = pdb.Pdb(stdin=sys.stdin, stdout=sys.stderr)
debugger.use_rawinput = False
debugger.set_trace()
support.say("over", True)
while True:
    time.sleep(0.001)
