"""Runs one script in the thread that the interpreter interrupted for it, and reports to the client as it goes.

Changes in the target: what run.py says, and nothing else.
"""

from ..wire.channel import Channel
from .run import Run


def main(config, connection, place):
    run = Run(Channel(connection), place, config)
    return run.begin(lambda: run.start(compile(run.source, run.filename, "exec", dont_inherit=True), {}))
