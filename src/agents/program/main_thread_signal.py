"""Reaches the main thread at once, wherever it is. Part of other agents.

Changes in the target, from `install` to `remove`: the handler of one signal that the program does not use and that is
ignored where nobody handles it, so that one which comes late does no harm.
"""

import _signal

from .threads import _thread


class MainThreadSignal:
    """Calls the `on_signal` of who derives from it, in the main thread: between two instructions, or out of a call that
    blocks."""

    number = None
    thread = None

    def install(self):
        """Does nothing in other threads than the main one, which get no signals."""
        blocked = _signal.pthread_sigmask(_signal.SIG_BLOCK, [])
        for number in (_signal.SIGURG, _signal.SIGWINCH):
            if _signal.getsignal(number) == _signal.SIG_DFL and number not in blocked:
                try:
                    _signal.signal(number, self.on_signal)
                except ValueError:
                    return
                self.number = number
                self.thread = _thread.get_ident()
                return

    def send(self):
        number = self.number
        if number is None:
            return False
        _signal.pthread_kill(self.thread, number)
        return True

    def remove(self):
        """To be called in the main thread."""
        # First of all, as the signal may come in between, whose handler removes it as well.
        number, self.number = self.number, None
        if number is not None and _signal.getsignal(number) == self.on_signal:
            _signal.signal(number, _signal.SIG_DFL)
