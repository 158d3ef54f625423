"""What the test programs share: they say when they are ready, and what a stranger may not have changed in them."""

import gc
import json
import os
import select
import signal
import sys
import threading


def fingerprint():
    """Everything of contract point 6: equal before and after a visit, but for a listed set of modules."""
    return {
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "tasks": sorted(filter(is_running, os.listdir("/proc/self/task"))),
        "fds": sorted((int(fd), link(fd)) for fd in os.listdir("/proc/self/fd") if link(fd)),
        "path": sys.path,
        "signals": {name.name: id(signal.getsignal(name)) for name in signal.valid_signals() if hasattr(name, "name")},
        "mask": sorted(repr(name) for name in signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "tools": [sys.monitoring.get_tool(tool) for tool in range(6)],
        "trace": [repr(sys.gettrace()), repr(sys.getprofile()), repr(threading.gettrace()), repr(threading.getprofile())],
        "streams": [id(sys.stdin), id(sys.stdout), id(sys.stderr), id(sys.displayhook)],
        "hooks": [id(sys.unraisablehook), id(sys.excepthook), id(threading.excepthook)],
        "gc": [gc.isenabled(), gc.get_threshold(), gc.callbacks],
        "process": [os.getcwd(), dict(os.environ), os.umask(os.umask(0o022)), sys.getswitchinterval(), sys.getrecursionlimit()],
        "builtins": sorted(vars(sys.modules["builtins"])),
        "main": sorted(vars(sys.modules["__main__"])),
        "modules": sorted(sys.modules),
    }


def is_running(task):
    """False for a thread that is past its end: it runs nothing any more, but a join can return before it is gone."""
    PF_EXITING = 0x4
    try:
        with open("/proc/self/task/" + task + "/stat") as file:
            flags = int(file.read().rpartition(")")[2].split()[6])
    except OSError:
        return False
    return not flags & PF_EXITING


def link(fd):
    try:
        return os.readlink("/proc/self/fd/" + fd)
    except OSError:
        return None


def say(word, value=None):
    print(word, json.dumps(value), flush=True)


def ready():
    say("ready", fingerprint())


def finished(result):
    say("finished", {"result": result, "fingerprint": fingerprint()})


def work_until_closed(work, result):
    """Runs work(stopping) in a thread of its own until the standard input is closed."""
    stopping = threading.Event()
    thread = threading.Thread(target=work, args=(stopping,))
    thread.start()
    ready()
    sys.stdin.read()
    stopping.set()
    thread.join()
    finished(result)


def lines():
    """Its input, waiting in short pieces: whoever has something to run here comes to it."""
    rest = b""
    while True:
        if not select.select([0], [], [], 0.005)[0]:
            continue
        data = os.read(0, 4096)
        if not data:
            return
        *whole, rest = (rest + data).split(b"\n")
        yield from (line.decode() for line in whole)
