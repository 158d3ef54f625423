"""What bench/trace.mjs traces: a hot function, a program of many functions, and an HTTP server."""

import gc
import io
import itertools
import os
import select
import sys
import threading
import time


class Order:
    def __init__(self):
        self.id = 7


def hot(x, order):
    y = x + 1
    return y  # the line that is hit


def never(x):
    if x is None:
        return x  # the line that is not hit


def cold():
    never(1)


def lines():
    """Waits in short pieces, so that a request finds a safe point."""
    rest = b""
    while True:
        if select.select([0], [], [], 0.002)[0]:
            data = os.read(0, 4096)
            if not data:
                return
            *whole, rest = (rest + data).split(b"\n")
            yield from (line.decode() for line in whole)


def cost(function, count):
    """Nanoseconds of this thread a call, at its best."""
    order = Order()
    best = float("inf")
    for _ in range(5):
        started = time.thread_time_ns()
        for number in range(count):
            function(number, order)
        best = min(best, (time.thread_time_ns() - started) / count)
    return best


def with_settrace(count):
    def local(frame, event, argument):
        return local

    sys.settrace(local)
    try:
        return cost(hot, count)
    finally:
        sys.settrace(None)


def with_print(count):
    sink = io.StringIO()

    def wrapped(x, order):
        print(x, order.id, file=sink)
        return hot(x, order)

    return cost(wrapped, count)


def with_pdb(count):
    import pdb

    words = ["b hot", "commands 1", "silent", "p x, order.id", "c", "end", "c"]
    debugger = pdb.Pdb(stdin=io.StringIO("\n".join(words) + "\n"), stdout=io.StringIO(), nosigint=True, readrc=False)
    debugger.set_trace()
    try:
        return cost(hot, count)
    finally:
        sys.settrace(None)


def listen_for_debugpy(_):
    """Returns the port at which debugpy waits for its client; it is imported from where the bench has found it."""
    sys.path.insert(0, os.environ["REMORA_DEBUGPY"])
    import debugpy

    return debugpy.listen(("127.0.0.1", 0))[1]


def hits():
    ways = {"nothing": lambda count: cost(hot, count), "settrace": with_settrace, "print": with_print, "pdb": with_pdb, "debugpy": listen_for_debugpy}
    print("ready", flush=True)
    for line in lines():
        way, count = line.split()
        try:
            print(ways[way](int(count)) if way in ways else float("nan"), flush=True)
        except Exception as error:
            print("%s: %r" % (way, error), file=sys.stderr)
            print(float("nan"), flush=True)


def tick():
    time.sleep(0.001)


def functions():
    source = "".join("def function_%d(a, b=1):\n    c = a + b\n    return [c for _ in range(b)]\n" % number for number in range(200))
    for number in range(100):
        module = type(sys)("package.module_%d" % number)
        sys.modules[module.__name__] = module
        exec(source, module.__dict__)
    print("ready", flush=True)
    while True:
        tick()


STEPS = []
TURNS = []
NUMBERS = itertools.count()


def handle(path):
    """Calls a hundred functions, and one of a hundred others."""
    total = TURNS[next(NUMBERS) % 100](1)
    for step in STEPS:
        total += step(1)
    return b"%d" % total


def hundred(name):
    source = "".join("def %s_%d(x):\n    return x + 1\n" % (name, number) for number in range(100))
    exec(source, globals())
    return [globals()["%s_%d" % (name, number)] for number in range(100)]


def memory():
    """Resident kilobytes, and what the interpreter has in use when all garbage has been collected."""
    gc.collect()
    resident = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS"))
    return "%s %d %d" % (resident, sys.getallocatedblocks(), sys.getunicodeinternedsize())


def spin(seconds):
    """Calls `handle` for so long; nanoseconds of this thread a call, and parts of the time: in which other threads ran, and in
    which this one waited for the GIL, which is neither running nor waiting for a core."""

    def queued():
        return int(open("/proc/thread-self/schedstat").read().split()[1]) / 1e9

    def clocks():
        return time.perf_counter(), time.thread_time(), time.process_time(), queued()

    began = clocks()
    calls = 0
    while time.perf_counter() - began[0] < seconds:
        for _ in range(20):
            handle("")
        calls += 20
    passed, own, all_threads, waited = (end - start for start, end in zip(began, clocks()))
    return "%r %r %r" % (own / calls * 1e9, (all_threads - own) / passed, (passed - own - waited) / passed)


def computing():
    STEPS.extend(hundred("step"))
    TURNS.extend(hundred("turn"))
    print("ready", flush=True)
    for line in lines():
        print(spin(float(line)), flush=True)


def server():
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    STEPS.extend(hundred("step"))
    TURNS.extend(hundred("turn"))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # One packet an answer, at once: else each would wait 40 ms for an acknowledgement, and hide what tracing costs.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_GET(self):
            body = handle(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.daemon_threads = True
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    print("ready", flush=True)
    answers = {"port": lambda: serving.server_port, "cpu": lambda: time.process_time_ns() / 1000, "memory": memory}
    for line in lines():
        print(answers[line](), flush=True)


{"hits": hits, "functions": functions, "computing": computing, "server": server}[sys.argv[1]]()
