"""What stands in front of an attribute of sys for the time of a run, such as a stream that writes to the client.

Part of other agents. It changes nothing by itself: run.py says what is put where.
"""

import sys

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
    for other in links_of(name):
        if other.remora_previous is link:
            other.remora_previous = link.remora_previous
            return


def links_of(name):
    """The row before sys.<name>, beginning with what has come last."""
    link = getattr(sys, name, None)
    while isinstance(getattr(link, "__dict__", None), dict) and "remora_previous" in link.__dict__:
        yield link
        link = link.remora_previous


class Output(Link):
    """The script's thread writes to the client, every other thread to the stream that was here before."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, previous, run, kind):
        Link.__init__(self, previous, run)
        self.kind = kind

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
        return BytesOutput(self) if self.run.in_script() else self.remora_previous.buffer

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
