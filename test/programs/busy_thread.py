"""A thread called `worker` computes without a pause while the main thread waits for the end of standard input."""

import sys
import threading

import support

stop = False
rounds = 0


def spin():
    global rounds
    while not stop:
        rounds += 1


def hold(lock):
    """Whoever calls it and then needs `lock` waits until somebody has a tool of sys.monitoring."""
    waiting = threading.get_ident()

    def release():
        while sys._current_frames()[waiting].f_code.co_name != "send":
            pass
        support.say("held")
        while not any(sys.monitoring.get_tool(tool) for tool in range(5)):
            pass
        lock.release()

    lock.acquire()
    threading.Thread(target=release).start()


worker = threading.Thread(target=spin, name="worker")
worker.start()
support.ready()
sys.stdin.read()
before_stop = support.fingerprint()
stop = True
worker.join()
support.say("finished", {"result": rounds > 0, "fingerprint": before_stop})
