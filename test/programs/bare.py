"""Imports nothing but what the interpreter itself has imported, and says which modules that are."""

import sys


def say(word):
    print(word, "[%s]" % ", ".join('"%s"' % name for name in sorted(sys.modules)), flush=True)


say("before")
sys.stdin.readline()
sys.stdin.readline()
say("after")
