"""Runs one script in the thread that the interpreter interrupted for it, and reports to the client as it goes.

The source of channel.py stands before this one.

Changes in the target, all undone when the script ends: sys.stdout and sys.stderr (every other thread writes through
to what was there), sys.unraisablehook (likewise), one thread that listens to the client, and, only to interrupt the
script, one sys.monitoring tool. Imports: _socket and _functools, which are C; traceback and
what it needs only when the script raises.
Messages to the client: `o` and `e` output, `T` type, `M` message and `B` traceback of an exception, and last `r`, the
result. From the client: the byte `i` to interrupt.
"""

import _functools
import _socket
import posix
import sys
import time


def main(config, connection, place):
    """Returns an object that runs the script when its last reference goes.

    That is after the requested script, and with it every frame of Remora, has ended: the script's caller is the
    program's own frame, as it is for a script that the interpreter runs itself.
    """
    run = Run(Channel(connection), place, config)
    try:
        return run.start(compile(run.source, run.filename, "exec", dont_inherit=True))
    except BaseException as error:
        # It does not compile, or the program leaves us no descriptor, thread or stack to run it with.
        run.error = error.with_traceback(None)
        run.finish()
        return close_at_release(connection)


class Run:
    """One script from start to finish, and all that was changed for it."""

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
        self.interrupter = None

    def start(self, code):
        self.code = code
        script = Script(exec, code, {})
        self.install("stdout", Output(getattr(sys, "stdout", ABSENT), self, b"o"))
        self.install("stderr", Output(getattr(sys, "stderr", ABSENT), self, b"e"))
        self.install("unraisablehook", ScriptError(getattr(sys, "unraisablehook", ABSENT), self, script))
        self.listener = Listener(self)
        # A finalizer that is no Python function adds no frame of its own. The instance goes in two steps: first its
        # finalizer runs the script, then its attributes are released, the last of which finishes the run.
        turn = type("Turn", (), {"__del__": staticmethod(script)})()
        turn.end = End(self, type(turn))
        return turn

    def install(self, name, link):
        self.links.append((name, link))
        setattr(sys, name, link)

    def in_script(self):
        """Whether the calling thread is the script's: not another thread, and not a child that it forked."""
        return _thread.get_ident() == self.thread and posix.getpid() == self.process

    def finish(self):
        for name, link in self.links:
            unlink(name, link)
        if posix.getpid() != self.process:
            return
        if self.interrupter is not None:
            self.interrupter.stop()
        if self.listener is not None:
            self.listener.stop()
        self.report()
        if self.channel.gone:
            self.clean_up()

    def clean_up(self):
        """Removes what the client, which has died, cannot remove any more."""
        removers = {"script": posix.unlink, "socket": posix.unlink, "directory": posix.rmdir}
        for name, remove in removers.items():
            try:
                remove(self.place[name])
            except OSError:
                pass

    def report(self):
        run_ms = (time.perf_counter() - self.started) * 1000
        self.channel.patience = PATIENCE_S
        error, self.error = self.error, None
        raised = error is not None and not (isinstance(error, SystemExit) and not error.code)
        if raised and not self.channel.gone:
            for kind, text in zip((b"T", b"M", b"B"), describe(error, self)):
                self.channel.send(kind, text.encode("utf-8", "backslashreplace"))
        outcome = "raised" if raised else "completed"
        result = '{"outcome":"%s","runMs":%.3f,"droppedBytes":%d}' % (outcome, run_ms, self.channel.dropped)
        self.channel.send(b"r", result.encode())


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
    close = _functools.partial(posix.close, connection.detach())
    return type("Closing", (), {"__del__": staticmethod(close)})()


ABSENT = object()
"""Stands for an attribute of sys that the program has deleted."""


class Link:
    """Stands in front of an attribute of sys. Several can stand in a row, one for each script that runs."""

    def __init__(self, previous, run):
        self.remora_previous = previous
        self.run = run


def unlink(name, link):
    """Takes `link` out of the row before sys.<name>, wherever in it it stands by now."""
    if getattr(sys, name, None) is link:
        if link.remora_previous is ABSENT:
            delattr(sys, name)
        else:
            setattr(sys, name, link.remora_previous)
        return
    holder = getattr(sys, name, None)
    while isinstance(getattr(holder, "__dict__", None), dict) and "remora_previous" in holder.__dict__:
        if holder.remora_previous is link:
            holder.remora_previous = link.remora_previous
            return
        holder = holder.remora_previous


class Output(Link):
    """The script's thread writes to the client, every other thread to the stream that was here before."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, previous, run, kind):
        Link.__init__(self, previous, run)
        self.kind = kind
        self.bytes_output = BytesOutput(self)

    def write(self, text):
        if not self.run.in_script():
            return self.remora_previous.write(text)
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not " + type(text).__name__)
        self.run.channel.send_output(self.kind, text.encode("utf-8", "backslashreplace"))
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        if not self.run.in_script() and self.remora_previous is not None:
            self.remora_previous.flush()

    def isatty(self):
        return not self.run.in_script() and self.remora_previous.isatty()

    @property
    def buffer(self):
        return self.bytes_output if self.run.in_script() else self.remora_previous.buffer

    def __getattr__(self, name):
        return getattr(self.remora_previous, name)


class BytesOutput:
    """What `sys.stdout.buffer` is in the script's thread."""

    def __init__(self, output):
        self.output = output

    def write(self, data):
        data = bytes(data)
        if not self.output.run.in_script():
            return self.output.remora_previous.buffer.write(data)
        self.output.run.channel.send_output(self.output.kind, data)
        return len(data)

    def flush(self):
        self.output.flush()


class ScriptError(Link):
    """Takes the script's own exception from sys.unraisablehook and hands on everything else."""

    def __init__(self, previous, run, script):
        Link.__init__(self, previous, run)
        self.script = script

    def __call__(self, unraisable):
        of_script = unraisable.object is self.script or repr(self.script) in (unraisable.err_msg or "")
        if of_script and self.run.in_script():
            self.run.error = unraisable.exc_value
        else:
            self.remora_previous(unraisable)


class Listener:
    """A thread that waits for the client's word, or its death, and then interrupts the script."""

    def __init__(self, run):
        self.run = run
        self.stopped = False
        self.ended = _thread.allocate_lock()
        self.connection = None
        self.ended.acquire()
        try:
            # An object of its own, as its time-out differs; the descriptor shares the connection.
            self.connection = _socket.socket(fileno=_socket.dup(run.channel.connection.fileno()))
            _thread.start_new_thread(self.listen, ())
        except BaseException:
            # No descriptor or no thread is left for us: the script runs, but cannot be interrupted.
            self.ended.release()

    def listen(self):
        try:
            while not self.stopped:
                self.connection.settimeout(3600.0)
                try:
                    word = self.connection.recv(1)
                except TimeoutError:
                    continue
                except OSError:
                    # A client that died with something unread resets the connection.
                    word = b""
                if self.stopped:
                    break
                self.run.channel.gone = not word
                if self.run.interrupter is None:
                    self.run.interrupter = Interrupter(self.run)
                self.run.interrupter.interrupt()
                if not word:
                    break
        except BaseException:
            pass
        finally:
            self.ended.release()

    def stop(self):
        self.stopped = True
        if self.connection is None:
            return
        try:
            self.connection.shutdown(_socket.SHUT_RD)
        except OSError:
            pass
        self.ended.acquire(timeout=PATIENCE_S)
        self.connection.close()


class Interrupter:
    """Raises KeyboardInterrupt in the script, and only there: at its next instruction, in whatever function it is."""

    def __init__(self, run):
        self.run = run
        self.tool = None

    def interrupt(self):
        monitoring = sys.monitoring
        codes = self.script_codes()
        self.stop()
        self.tool = next((tool for tool in (4, 3, 2, 1, 0) if monitoring.get_tool(tool) is None), None)
        if self.tool is None or not codes:
            return
        monitoring.use_tool_id(self.tool, "remora")
        event = monitoring.events.INSTRUCTION
        monitoring.register_callback(self.tool, event, self.strike)
        for code in codes:
            monitoring.set_local_events(self.tool, code, event)

    def script_codes(self):
        """The code of every frame from the innermost to the script's own; none when the script is over."""
        codes = []
        frame = sys._current_frames().get(self.run.thread)
        while frame is not None:
            if frame.f_code.co_filename != "<remora>":
                codes.append(frame.f_code)
            if frame.f_code is self.run.code:
                return codes
            frame = frame.f_back
        return []

    def strike(self, code, offset):
        if self.run.in_script():
            self.stop()
            raise KeyboardInterrupt

    def stop(self):
        tool, self.tool = self.tool, None
        if tool is not None:
            sys.monitoring.free_tool_id(tool)


def describe(error, run):
    """Name of the type, message, and the traceback as Python prints it, with the script's lines."""
    import linecache
    import traceback

    try:
        message = str(error)
    except BaseException:
        message = "<message cannot be shown>"
    filename, source = run.filename, run.source
    # The script's file may not exist on the target's side. An entry without a time is never checked against the disk.
    before = linecache.cache.get(filename)
    lines = source.decode("utf-8", "replace").splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    try:
        hide_program(error, run.handled)
        hide_remora(error.__traceback__)
        text = "".join(traceback.format_exception(error))
    except BaseException:
        text = type(error).__name__ + "\n"
    finally:
        if before is None:
            linecache.cache.pop(filename, None)
        else:
            linecache.cache[filename] = before
    return type(error).__qualname__, message, text


def hide_program(error, handled):
    """Cuts the chain of contexts before the exception that the program was handling."""
    while error is not None and handled is not None:
        if error.__context__ is handled:
            error.__context__ = None
        error = error.__context__


def hide_remora(entry):
    """Cuts the traceback before the first function of Remora, such as the one that interrupts the script."""
    while entry is not None and entry.tb_next is not None:
        if entry.tb_next.tb_frame.f_code.co_filename == "<remora>":
            entry.tb_next = None
        entry = entry.tb_next
