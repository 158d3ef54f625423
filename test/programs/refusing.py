"""Has an audit hook that refuses scripts of remote debuggers, and is busy until its standard input is closed."""

import select
import sys

import support


def refuse(event, arguments):
    if event == "cpython.remote_debugger_script":
        raise RuntimeError("no remote scripts here")


sys.addaudithook(refuse)
support.ready()
while not select.select([0], [], [], 0.001)[0]:
    pass
