"""Blocks in one of many ways: `blocked.py CASE`. Whoever types a line ends the wait, where it does not end by itself.

It says what came of it and how many seconds it took: a wait that was disturbed shows in one or the other.
"""

import asyncio
import concurrent.futures
import fcntl
import multiprocessing
import os
import queue
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zlib

import support

ASKED = float(os.environ.get("ASKED", 3))
"""Seconds of the waits that end by themselves."""

typed = os.dup(0)
started = 0.0
value = None


def begin(release=None):
    """Says that the wait is about to begin. `release` is called when a line is typed, in another thread."""
    global started
    if release is not None:
        threading.Thread(target=release_when_typed, args=[release], daemon=True).start()
    support.ready()
    started = time.monotonic()


def release_when_typed(release):
    while os.read(typed, 1) != b"\n":
        pass
    release()
    threading.Event().wait()


def in_thread(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def input_from_pipe():
    begin()
    return input()


def input_from_terminal():
    """Its output has to be a terminal too, so what is said goes another way."""
    out = open(os.dup(1), "w")
    support.print = lambda *values, flush: print(*values, flush=flush, file=out)
    controller, terminal = os.openpty()
    os.dup2(terminal, 0)
    os.dup2(terminal, 1)
    # Half a line has been typed before anybody asks.
    os.write(controller, b"half ")
    begin(lambda: os.write(controller, b"a line\n"))
    return input()


def input_with_readline():
    import readline  # noqa: F401

    return input_from_terminal()


def os_read():
    reader, writer = os.pipe()
    begin(lambda: os.write(writer, b"read"))
    return os.read(reader, 10).decode()


def os_write():
    reader, writer = os.pipe()
    size = fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ)
    os.write(writer, bytes(size))
    begin(lambda: os.read(reader, size))
    return os.write(writer, b"written")


def open_fifo():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "fifo")
        os.mkfifo(path)
        begin(lambda: os.close(os.open(path, os.O_WRONLY)))
        with open(path) as file:
            return file.read()


def socket_recv():
    near, far = socket.socketpair()
    begin(lambda: far.send(b"received"))
    return near.recv(10).decode()


def socket_recv_timeout():
    near, _far = pair = socket.socketpair()
    near.settimeout(ASKED)
    begin()
    try:
        return near.recv(10)
    except TimeoutError:
        return len(pair) and "timed out"


def socket_recvmsg():
    near, far = socket.socketpair()
    begin(lambda: far.send(b"received"))
    return near.recvmsg(10)[0].decode()


def socket_sendall():
    near, far = socket.socketpair()
    near.setblocking(False)
    sent = fill(near)
    near.setblocking(True)
    begin(lambda: drain(far, sent + 8))
    return near.sendall(b"all sent")


def fill(sock):
    sent = 0
    while True:
        try:
            sent += sock.send(bytes(65536))
        except BlockingIOError:
            return sent


def drain(sock, size):
    while size > 0:
        size -= len(sock.recv(size))


def socket_accept():
    server = socket.create_server(("127.0.0.1", 0))
    clients = []
    begin(lambda: clients.append(socket.create_connection(server.getsockname())))
    connection, _ = server.accept()
    return connection.getsockname() == server.getsockname()


def socket_connect():
    """The server's queue is full, and its kernel lets further clients wait."""
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    clients = [socket.socket() for _ in range(2)]
    for client in clients:
        client.setblocking(False)
        client.connect_ex(server.getsockname())
    begin(lambda: in_thread(accept_all, server))
    with socket.socket() as client:
        client.connect(server.getsockname())
        return client.getpeername() == server.getsockname()


def accept_all(server):
    accepted = []
    while True:
        accepted.append(server.accept())


def unix_connect():
    """As `socket_connect`, but an interrupted connect of this kind is lost."""
    with tempfile.TemporaryDirectory() as directory:
        server = socket.socket(socket.AF_UNIX)
        server.bind(os.path.join(directory, "s"))
        server.listen(0)
        with socket.socket(socket.AF_UNIX) as first, socket.socket(socket.AF_UNIX) as second:
            first.connect(server.getsockname())
            begin(lambda: in_thread(accept_all, server))
            second.connect(server.getsockname())
            return second.getpeername() == server.getsockname()


def select_select():
    pair = socket.socketpair()
    begin()
    return select.select(pair, [], [], ASKED)


def select_poll():
    pair = socket.socketpair()
    poll = select.poll()
    poll.register(pair[0], select.POLLIN)
    begin()
    return poll.poll(ASKED * 1000)


def select_epoll():
    pair = socket.socketpair()
    with select.epoll() as epoll:
        epoll.register(pair[0], select.EPOLLIN)
        begin()
        return epoll.poll(ASKED)


def asyncio_sleep():
    async def main():
        begin()
        return await asyncio.sleep(ASKED, "slept")

    return asyncio.run(main())


def asyncio_queue():
    async def main():
        items = asyncio.Queue()
        loop = asyncio.get_running_loop()
        begin(lambda: loop.call_soon_threadsafe(items.put_nowait, "item"))
        return await items.get()

    return asyncio.run(main())


def asyncio_stream():
    near, far = socket.socketpair()

    async def main():
        reader, _writer = await asyncio.open_connection(sock=near)
        begin(lambda: far.send(b"line\n"))
        return (await reader.readline()).decode()

    return asyncio.run(main())


def time_sleep():
    begin()
    return time.sleep(ASKED)


def subprocess_wait():
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        begin(child.stdin.close)
        return child.wait()


def os_waitpid():
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    begin(child.stdin.close)
    result = os.waitpid(child.pid, 0) == (child.pid, 0)
    child.returncode = 0
    return result


def os_waitid():
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    begin(child.stdin.close)
    result = os.waitid(os.P_PID, child.pid, os.WEXITED).si_pid == child.pid
    child.returncode = 0
    return result


def os_system():
    """The C library's function waits for the child, and for nothing else."""
    begin()
    return os.system(f"sleep {ASKED}")


def lock_acquire():
    lock = threading.Lock()
    lock.acquire()
    begin(lock.release)
    return lock.acquire()


def lock_acquire_timeout():
    lock = threading.Lock()
    lock.acquire()
    begin()
    return lock.acquire(timeout=ASKED)


def rlock_acquire():
    lock = threading.RLock()
    held, release = threading.Event(), threading.Event()

    def hold():
        with lock:
            held.set()
            release.wait()

    in_thread(hold)
    held.wait()
    begin(release.set)
    return lock.acquire()


def condition_wait():
    condition = threading.Condition()

    def notify():
        with condition:
            condition.notify()

    begin(notify)
    with condition:
        return condition.wait()


def event_wait():
    event = threading.Event()
    begin(event.set)
    return event.wait()


def event_wait_in_state():
    """Has changed what only the kernel restores: rounding of floats, the alternate signal stack, the signal mask."""
    import ctypes
    import faulthandler

    libc, libm = ctypes.CDLL(None), ctypes.CDLL("libm.so.6")
    faulthandler.enable()
    upward = 0x800
    libm.fesetround(upward)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])

    def state():
        stack = (ctypes.c_long * 3)()
        libc.sigaltstack(None, stack)
        return [libm.fegetround(), list(stack), signal.pthread_sigmask(signal.SIG_BLOCK, []), 1.0 / 3.0]

    before = state()
    waited = event_wait()
    return [waited, before == state(), libm.fegetround() == upward]


def event_wait_under_signals():
    """A signal a millisecond, and a handler in Python."""
    count = 0

    def handle(*_):
        nonlocal count
        count += 1

    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    waited = event_wait()
    signal.setitimer(signal.ITIMER_REAL, 0)
    return [waited, count > 0]


def workers():
    """Three threads that are blocked in different ways, while the main thread waits for an event."""
    near, far = socket.socketpair()
    lock, end = threading.Lock(), threading.Event()
    lock.acquire()
    results = {}
    blocked = {"sleeper": lambda: time.sleep(ASKED), "receiver": lambda: near.recv(10).decode(), "locker": lock.acquire}

    def work(name):
        results[name] = blocked[name]()

    threads = [threading.Thread(target=work, args=[name], name=name) for name in blocked]
    for thread in threads:
        thread.start()

    def release():
        far.send(b"received")
        lock.release()
        end.set()

    begin(release)
    end.wait()
    for thread in threads:
        thread.join()
    return results


def queue_get():
    items = queue.Queue()
    begin(lambda: items.put("item"))
    return items.get()


def simple_queue_get():
    items = queue.SimpleQueue()
    begin(lambda: items.put("item"))
    return items.get()


def semaphore_acquire():
    semaphore = threading.Semaphore(0)
    begin(semaphore.release)
    return semaphore.acquire()


def thread_join():
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    # It ends with the wait, so the list of threads is taken without it.
    begin(end.set)
    thread.start()
    return thread.join()


def future_result():
    future = concurrent.futures.Future()
    begin(lambda: future.set_result("result"))
    return future.result()


def pool_get():
    with multiprocessing.Pool(1) as pool:
        result = pool.apply_async(time.sleep, [ASKED])
        begin()
        return result.get()


def process_lock():
    lock = multiprocessing.Lock()
    lock.acquire()
    begin(lock.release)
    return lock.acquire()


def file_flock():
    with tempfile.NamedTemporaryFile() as first, open(first.name) as second:
        fcntl.flock(first, fcntl.LOCK_EX)
        begin(lambda: fcntl.flock(first, fcntl.LOCK_UN))
        return fcntl.flock(second, fcntl.LOCK_EX)


def file_lockf():
    code = "import fcntl, sys; file = open(sys.argv[1], 'w'); fcntl.lockf(file, fcntl.LOCK_EX); print(flush=True); input()"
    with tempfile.NamedTemporaryFile() as file:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen([sys.executable, "-c", code, file.name], **pipes, stderr=subprocess.DEVNULL) as child:
            child.stdout.readline()
            begin(child.stdin.close)
            return fcntl.lockf(file, fcntl.LOCK_EX)


def sqlite_busy():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "database")
        first, second = (sqlite3.connect(path, timeout=ASKED, isolation_level=None) for _ in range(2))
        first.execute("begin exclusive")
        begin()
        try:
            return second.execute("begin exclusive") and "got it"
        except sqlite3.OperationalError as error:
            return str(error)
        finally:
            first.close()
            second.close()


def foreign_sleep():
    import ctypes

    sleep = ctypes.CDLL(None).sleep
    begin()
    return sleep(int(ASKED))


def foreign_sleep_with_gil():
    import ctypes

    sleep = ctypes.PyDLL(None).sleep
    begin()
    return sleep(int(ASKED))


def extension_sleep():
    sys.path.insert(0, sys.argv[2])
    import sleeper

    begin()
    return sleeper.sleep(int(ASKED))


def extension_sleep_with_gil():
    sys.path.insert(0, sys.argv[2])
    import sleeper

    begin()
    return sleeper.sleep_with_gil(int(ASKED))


def zlib_compress():
    data = os.urandom(2**20) * 60
    begin()
    return len(zlib.decompress(zlib.compress(data, 9))) == len(data)


def signal_pause():
    signal.signal(signal.SIGUSR1, lambda *_: None)
    begin(lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1))
    return signal.pause()


def signal_sigwait():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    begin(lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1))
    return signal.sigwait([signal.SIGUSR1]) == signal.SIGUSR1


def signal_sigtimedwait():
    begin()
    return signal.sigtimedwait([signal.SIGUSR2], ASKED)


if __name__ == "__main__":
    value = globals()[sys.argv[1]]()
    support.finished({"value": value, "seconds": time.monotonic() - started})
