"""Lets the program go on at once, and makes the tracer in a thread of its own.

The source of channel.py stands before this one. The tracer's own parts come with the configuration, and each is compiled
by itself, in the thread: compiling all of them takes tens of milliseconds, during which the interpreter runs nothing else.

Changes in the target: one thread, and what trace_tracer.py lists; all of it is undone when the client leaves or dies.
"""


def main(config, connection, place):
    """Returns when the thread has been started."""
    _thread.start_new_thread(load, (config, connection))


def load(config, connection):
    try:
        for source in config["parts"]:
            exec(compile(source, "<remora>", "exec", dont_inherit=True), globals())
        tracer = globals()["Tracer"](config, connection)
    except BaseException:
        connection.close()
        return
    tracer.run()
