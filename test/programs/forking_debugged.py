"""Forks a child for each line it reads, and says what the child sees of a debugger: nothing, if all is well."""

import json
import os
import signal
import sys

import support


# A warning of the interpreter makes one, whether it is shown or not.
__warningregistry__ = {}


def fork():
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        trace = [repr(sys.gettrace()), repr(sys._getframe().f_trace), repr(sys._getframe(1).f_trace)]
        handler = repr(signal.getsignal(signal.SIGURG))
        sockets = [fd for fd, path in support.fingerprint()["fds"] if fd > 2 and path.startswith("socket:")]
        os.write(writing, json.dumps([trace, handler, sockets, sys.stdout is sys.__stdout__]).encode())
        os._exit(0)
    os.close(writing)
    seen = json.loads(os.read(reading, 4096))
    os.close(reading)
    os.waitpid(child, 0)
    return seen


def main():
    support.ready()
    for _ in sys.stdin:
        support.say("child", fork())
    support.finished(True)


main()
