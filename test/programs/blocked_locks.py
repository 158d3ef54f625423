"""The ways of blocked.py to wait for a lock, and for what is made of locks."""

import concurrent.futures
import multiprocessing
import queue
import signal
import socket
import threading
import time

from blocking import ASKED, begin, in_thread


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
