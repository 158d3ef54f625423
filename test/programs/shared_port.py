"""Listens on a port together with a child process, as servers with workers do, until their standard input is closed."""

import os
import socket
import sys

import support

listener = socket.create_server(("127.0.0.1", 0))
child = os.fork()
if child:
    support.say("port", listener.getsockname()[1])
    support.say("child", child)
    support.ready()
sys.stdin.read()
if child:
    os.waitpid(child, 0)
