"""One run of code of the client's in the target: what it prints goes to the client, who can interrupt it.

Part of other agents.

Changes in the target, all undone when the run ends: sys.stdout and sys.stderr (everybody else writes through to what
was there), sys.unraisablehook (likewise), one thread that listens to the client, and what interrupt.py says. Imports:
_socket and _functools, which are C; traceback and what it needs only when the run raises.
Messages to the client: output, an exception, and last how it ended. From the client: a word to interrupt.
"""

import _functools
import _socket
import posix
import sys
import time

from ..program.frames import is_remora
from ..program.threads import _thread, name_thread
from ..wire import kinds
from ..wire.channel import PATIENCE_S
from ..wire.rendezvous import remove_rendezvous
from .interrupt import Interrupter
from .redirect import ABSENT, Link, Output, links_of, unlink


class Run:
    """One piece of code from start to finish, and all that was changed for it."""

    def __init__(self, channel, place, config):
        self.channel = channel
        self.place = place
        self.filename = config["filename"]
        self.source = bytes.fromhex(config["source"])
        self.thread = _thread.get_ident()
        self.process = posix.getpid()
        self.started = time.perf_counter()
        # What the program is handling is no cause of what the script raises.
        self.handled = sys.exception()
        self.error = None
        self.code = None
        self.links = []
        self.listener = None
        self.interrupter = Interrupter(self)
        self.over = False

    def begin(self, start):
        """Whatever `start` returns. Where it fails, for want of a descriptor, a thread or stack, the run ends."""
        try:
            # First of all, as even a compiler has warnings to print.
            self.redirect()
            return start()
        except BaseException as error:
            self.error = error.with_traceback(None)
            return self.leave()

    def redirect(self):
        self.install("stdout", Output(getattr(sys, "stdout", ABSENT), self, kinds.STDOUT))
        self.install("stderr", Output(getattr(sys, "stderr", ABSENT), self, kinds.STDERR))

    def start(self, code, *scope):
        """An object that runs `code` when its last reference goes.

        That is after the requested script, and with it every frame of Remora, has ended: the caller of the code is the
        program's own frame, as it is for a script that the interpreter runs itself.
        """
        self.code = code
        script = Script(exec, code, *scope)
        self.install("unraisablehook", ScriptError(getattr(sys, "unraisablehook", ABSENT), self, script))
        self.interrupter.install()
        self.listener = Listener(self)
        # A finalizer that is no Python function adds no frame of its own. The instance goes in two steps: first its
        # finalizer runs the script, then its attributes are released, the last of which finishes the run.
        turn = type("Turn", (), {"__del__": staticmethod(script)})()
        turn.end = End(self, type(turn))
        return turn

    def install(self, name, link):
        self.links.append((name, link))
        setattr(sys, name, link)

    def sources(self):
        """The client's code by the names of its files, as they stand in tracebacks."""
        return {self.filename: self.source}

    def codes_of_others(self):
        """The code of every other run that has begun and not ended, in whatever thread."""
        return [link.run.code for link in links_of("unraisablehook") if link.run is not self]

    def in_script(self):
        """Whether the calling thread is the script's: not another thread, and not a child that it forked."""
        return _thread.get_ident() == self.thread and posix.getpid() == self.process

    def hear(self, word):
        """A word of the client, in the thread that listens; none when the client has gone."""
        if word == kinds.INTERRUPT or not word:
            self.channel.gone = not word
            self.interrupt()

    def interrupt(self):
        interrupter = self.interrupter
        if interrupter is not None:
            interrupter.interrupt()

    def leave(self):
        """Ends the run where it does not end by itself. What it returns closes the connection when it is released."""
        self.finish()
        return close_at_release(self.channel.connection)

    def finish(self):
        if self.over:
            return
        self.over = True
        # Taken out of here, as they refer back: a program may run without a collector of such circles.
        links, self.links = self.links, []
        for name, link in links:
            unlink(name, link)
        listener, self.listener = self.listener, None
        interrupter, self.interrupter = self.interrupter, None
        if posix.getpid() != self.process:
            interrupter.remove()
            return
        if listener is not None:
            listener.stop()
        interrupter.end()
        self.report()
        if self.channel.gone:
            remove_rendezvous(self.place)

    def report(self):
        run_ms = (time.perf_counter() - self.started) * 1000
        self.channel.patience = PATIENCE_S
        error, self.error = self.error, None
        raised = error is not None and not (isinstance(error, SystemExit) and not error.code)
        if raised and not self.channel.gone:
            texts = zip((kinds.ERROR_TYPE, kinds.ERROR_MESSAGE, kinds.ERROR_TRACEBACK), describe(error, self))
            for kind, text in texts:
                self.channel.send(kind, text.encode("utf-8", "backslashreplace"))
        outcome = "raised" if raised else "completed"
        result = '{"outcome":"%s","runMs":%.3f,"droppedBytes":%d}' % (outcome, run_ms, self.channel.dropped)
        self.channel.send(kinds.RUN_ENDED, result.encode())


class Script(_functools.partial):
    """exec(code, namespace) as a callable without a Python frame; its repr stands in no message that is shown."""

    def __repr__(self):
        return "<remora script %#x>" % id(self)


class End:
    """Finishes the run when it is released.

    The connection is closed by a finalizer as well, of a local variable: by then this frame, the last one of Remora,
    has gone. A client that waits for the end of the connection can make its next request without meeting this one.
    """

    def __init__(self, run, turn_type):
        self.run = run
        self.turn_type = turn_type

    def __del__(self):
        try:
            del self.turn_type.__del__
            self.run.finish()
        except BaseException:
            pass
        closing = close_at_release(self.run.channel.connection)  # noqa: F841


def close_at_release(connection):
    """An object that closes the connection when it is released, without a Python frame."""
    descriptor = connection.detach()
    if descriptor < 0:
        return None
    close = _functools.partial(posix.close, descriptor)
    return type("Closing", (), {"__del__": staticmethod(close)})()


class ScriptError(Link):
    """Takes the script's own exception from sys.unraisablehook and hands on everything else."""

    def __init__(self, previous, run, script):
        Link.__init__(self, previous, run)
        self.script = script

    def __call__(self, unraisable):
        of_script = unraisable.object is self.script or repr(self.script) in (unraisable.err_msg or "")
        if not self.run.in_script():
            self.remora_previous(unraisable)
        elif of_script:
            self.run.error = unraisable.exc_value
        elif not self.run.interrupter.was_lost(unraisable):
            self.remora_previous(unraisable)


class Listener:
    """A thread that waits for the client's word, or its death, and then interrupts the script."""

    def __init__(self, run):
        self.run = run
        self.stopped = False
        self.ended = _thread.allocate_lock()
        self.ended.acquire()
        self.thread = None
        self.connection = None
        try:
            # An object of its own, as its time-out differs; the descriptor shares the connection.
            self.connection = _socket.socket(fileno=_socket.dup(run.channel.connection.fileno()))
            self.thread = _thread.start_joinable_thread(self.listen, daemon=True)
        except BaseException:
            # No descriptor or no thread is left for us: the script runs, but cannot be interrupted.
            pass

    def listen(self):
        try:
            name_thread()
            while not self.stopped:
                self.connection.settimeout(self.run.interrupter.patience)
                try:
                    word = self.connection.recv(1)
                except TimeoutError:
                    self.run.interrupter.insist()
                    continue
                except OSError:
                    # A client that died with something unread resets the connection.
                    word = b""
                if self.stopped:
                    break
                self.run.hear(word)
                if not word:
                    break
            while not self.ended.acquire(timeout=self.run.interrupter.patience):
                self.run.interrupter.insist()
        except BaseException:
            pass

    def stop(self):
        self.stopped = True
        self.ended.release()
        if self.connection is None:
            return
        try:
            self.connection.shutdown(_socket.SHUT_RD)
        except OSError:
            pass
        if self.thread is not None and self.thread.ident != _thread.get_ident():
            # Until the operating system's thread has gone, too.
            self.thread.join(PATIENCE_S)
        self.connection.close()


def describe(error, run):
    """Name of the type, message, and the traceback as Python prints it, with the lines of the client's code."""
    import linecache
    import traceback

    try:
        message = str(error)
    except BaseException:
        message = "<message cannot be shown>"
    # Its files may not exist on the target's side. An entry without a time is never checked against the disk.
    before = {filename: linecache.cache.get(filename) for filename in run.sources()}
    for filename, source in run.sources().items():
        lines = source.decode("utf-8", "replace").splitlines(keepends=True)
        linecache.cache[filename] = (len(source), None, lines, filename)
    try:
        hide_program(error, run.handled)
        hide_remora(error)
        text = "".join(traceback.format_exception(error))
    except BaseException:
        text = type(error).__name__ + "\n"
    finally:
        for filename, entry in before.items():
            if entry is None:
                linecache.cache.pop(filename, None)
            else:
                linecache.cache[filename] = entry
    return type(error).__qualname__, message, text


def hide_program(error, handled):
    """Cuts the chain of contexts before the exception that the program was handling."""
    while error is not None and handled is not None:
        if error.__context__ is handled:
            error.__context__ = None
        error = error.__context__


def hide_remora(error):
    """Takes the functions of Remora out of the traceback, such as the one that interrupts the script."""
    entry = error.__traceback__
    while entry is not None and is_remora(entry.tb_frame):
        entry = entry.tb_next
    error.__traceback__ = entry
    while entry is not None:
        while entry.tb_next is not None and is_remora(entry.tb_next.tb_frame):
            entry.tb_next = entry.tb_next.tb_next
        entry = entry.tb_next
