"""Blocks in one of many ways: `blocked.py CASE`. Whoever types a line ends the wait, where it does not end by itself.

It says what came of it and how many seconds it took: a wait that was disturbed shows in one or the other.
"""

import asyncio
import fcntl
import os
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

import blocked_locks
import blocking
import support
from blocking import ASKED, begin, in_thread


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
    wait = vars(blocked_locks).get(sys.argv[1]) or globals()[sys.argv[1]]
    support.finished({"value": wait(), "seconds": time.monotonic() - blocking.started})
