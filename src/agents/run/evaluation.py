"""A run of code in the scope of a frame, whose value is shown; with `await` it is a task of the program's loop.

Part of other agents.

Changes in the target, beside those of run.py: sys.displayhook (everybody else calls through to what was there), and
whatever the code assigns. Undone when the run ends, but for the assignments. Imports: _ast, which is C.
"""

import _ast
import posix
import sys

from .redirect import ABSENT, Link
from .run import Listener, Run

TOP_LEVEL_AWAIT = 0x2000
ONLY_AST = 0x400
IS_COROUTINE = 0x80


class Evaluation(Run):
    """One evaluation from start to finish."""

    def __init__(self, channel, place, config):
        Run.__init__(self, channel, place, config)
        self.task = None
        self.context_variable = None
        self.interrupted = False

    def redirect(self):
        Run.redirect(self)
        self.install("displayhook", Display(getattr(sys, "displayhook", ABSENT), self))

    def evaluate(self, code, scope):
        if code.co_flags & IS_COROUTINE:
            return self.start_task(code, scope)
        return self.start(code, *scope)

    def start_task(self, code, scope):
        """Makes the code a task of the loop that this thread runs, and lets the thread go on."""
        import contextvars

        loop = running_loop()
        if loop is None:
            raise RuntimeError("no event loop runs in this thread, so nothing can be awaited in it")
        self.code = code
        self.context_variable = contextvars.ContextVar("remora")
        context = contextvars.copy_context()
        context.run(self.context_variable.set, True)
        beginning = Beginning(self, loop, eval(code, *scope), context)
        self.listener = Listener(self)
        # The loop may be about to wait for its next event: this wakes it.
        loop.call_soon_threadsafe(beginning)

    async def guard(self, coroutine):
        """What the code raises is its own affair: KeyboardInterrupt and SystemExit of a task would end the loop."""
        try:
            await coroutine
        except BaseException as error:
            self.error = KeyboardInterrupt().with_traceback(error.__traceback__) if self.interrupted else error

    def end_task(self, task):
        try:
            closing = self.leave()  # noqa: F841
        except BaseException:
            pass

    def in_script(self):
        if self.context_variable is None:
            return Run.in_script(self)
        return posix.getpid() == self.process and self.context_variable.get(False)

    def interrupt(self):
        if self.context_variable is None:
            return Run.interrupt(self)
        self.interrupted = True
        task = self.task
        if task is None:
            # It has not begun, and will end as soon as it does.
            return
        if task.get_loop().is_running():
            task.get_loop().call_soon_threadsafe(task.cancel)
            # While it computes, it hears of no cancellation.
            Run.interrupt(self)
        else:
            # The loop has been left, perhaps for ever: the task may stay, but nobody is told of it.
            task._log_destroy_pending = False
            self.error = KeyboardInterrupt()
            self.end_task(task)

    def finish(self):
        self.task = None
        Run.finish(self)


class Beginning:
    """Makes the task when the loop comes to it. One that drops it, as it closes, ends the run."""

    def __init__(self, run, loop, coroutine, context):
        self.run = run
        self.loop = loop
        self.coroutine = coroutine
        self.context = context

    def __call__(self):
        run, coroutine, self.coroutine = self.run, self.coroutine, None
        guarded = run.guard(coroutine)
        try:
            run.task = self.loop.create_task(guarded, name="remora", context=self.context)
            run.task.add_done_callback(run.end_task)
            if run.interrupted:
                run.task.cancel()
        except BaseException as error:
            guarded.close()
            coroutine.close()
            run.error = error
            run.end_task(None)

    def __del__(self):
        if self.coroutine is not None:
            self.coroutine.close()
            self.run.error = RuntimeError("the event loop was closed before it ran the expression")
            self.run.end_task(None)


class Display(Link):
    """Takes the values of the run's expressions."""

    def __call__(self, value):
        if self.run.in_script():
            self.run.show(value)
        else:
            self.remora_previous(value)


def running_loop():
    """The loop that runs in this thread; a program without asyncio has none."""
    events = sys.modules.get("asyncio.events")
    return None if events is None else events._get_running_loop()


def is_single_expression(tree):
    return len(tree.body) == 1 and isinstance(tree.body[0], _ast.Expr)


class Scope(dict):
    """Globals that find the variables of a frame as well, its own globals, and what `inspect` finds by a name."""

    def __init__(self, frame):
        self.frame = frame

    def __missing__(self, name):
        for namespace in (self.frame.f_locals, self.frame.f_globals, self.frame.f_builtins):
            if name in namespace:
                return namespace[name]
        return find_by_name(name)


def find_by_name(name):
    """A global of __main__, or a module that the program has imported: where it stands by chance may know neither."""
    main = vars(sys.modules.get("__main__", object))
    return main[name] if name in main else sys.modules[name]


def find_frames(program, task_id):
    """The frames that can be chosen, innermost first: those of a task, or of the thread's program."""
    stack = []
    while program is not None:
        stack.append(program)
        program = program.f_back
    if task_id is None:
        return stack
    tasks = sys.modules["asyncio.tasks"]
    loop = running_loop()
    for task in () if loop is None else tasks.all_tasks(loop):
        if id(task) == task_id:
            frames = coroutine_frames(task.get_coro())
            # A task that runs is the inner end of the thread's stack.
            return stack[: stack.index(frames[-1]) + 1] if frames and frames[-1] in stack else frames
    return []


def coroutine_frames(awaitable):
    frames = []
    while awaitable is not None:
        prefix = next((one for one in ("cr", "gi", "ag") if getattr(awaitable, one + "_frame", None)), None)
        if prefix is None:
            break
        frames.append(getattr(awaitable, prefix + "_frame"))
        awaitable = getattr(awaitable, "gi_yieldfrom" if prefix == "gi" else prefix + "_await", None)
    return frames[::-1]
