"""The first code of Remora in a target: asks whether it is still wanted, and only then receives what it is to do.

The interpreter runs it in a requested script, as code or as text, followed by a call `remora = main({...})` whose
argument the client wrote as JSON: `directory`, `socket` (where the client listens) and `script` in it, `token` and
`clientToken`. The code that acts for the client comes with its answer, compiled where it has it for the magic number of
this interpreter. It changes nothing in the target, prints nothing and never raises. When nobody answers, the client has
died: it then removes the files that the client could not remove any more.
"""

from .wire import kinds


def main(config):
    """Returns what the received agent's own `main` returns, or None when nobody wants it to run."""
    import _imp
    import _socket
    import _thread
    import marshal
    import posix
    import sys
    import time

    connection = None
    deadline = 0.0

    def connect():
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            connection.settimeout(1.0)
            connection.connect(config["socket"])
        except BaseException:
            connection.close()
            raise
        return connection

    def send(kind, payload):
        # Without a signal: a program may have made SIGPIPE deadly, and the client can die at any moment.
        connection.sendall(kind + len(payload).to_bytes(4, "big") + payload, _socket.MSG_NOSIGNAL)

    def hex_of_thread_name():
        # Whatever the program has made of its threads, no code of its own is called. In hex, as nothing here quotes it.
        try:
            thread = vars(sys.modules["threading"])["_active"][_thread.get_ident()]
            name = object.__getattribute__(thread, "_name")
        except Exception:
            return ""
        return name.encode("utf-8", "replace").hex() if type(name) is str else ""

    def receive():
        header = receive_exactly(5)
        return header[:1], receive_exactly(int.from_bytes(header[1:], "big"))

    def receive_exactly(length):
        data = b""
        while len(data) < length:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            piece = connection.recv(length - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def clean_up():
        for remove, path in (
            (posix.unlink, config["script"]),
            (posix.unlink, config["socket"]),
            (posix.rmdir, config["directory"]),
        ):
            try:
                remove(path)
            except OSError:
                pass

    def listens():
        # As in channel.py, which has not come yet.
        again = None
        try:
            again = connect()
            again.shutdown(_socket.SHUT_WR)
            again.recv(1)
            return True
        except (BlockingIOError, TimeoutError):
            # The first: so many come to it at once that there is no room to wait.
            return True
        except OSError:
            return False
        finally:
            if again is not None:
                again.close()

    try:
        connection = connect()
        deadline = time.monotonic() + 1.0
        magic = _imp.pyc_magic_number_token & 0xFFFF
        hello = '{"protocol":%d,"token":"%s","magic":%d,"thread":"%s"}' % (
            kinds.PROTOCOL,
            config["token"],
            magic,
            hex_of_thread_name(),
        )
        send(kinds.HELLO, hello.encode())
        kind, answer = receive()
        # The client's answer is JSON, which reads as a Python expression with these three names.
        answer = eval(answer, {"true": True, "false": False, "null": None})
        if kind != kinds.START or answer["token"] != config["clientToken"]:
            raise EOFError
        kind, code = receive()
        if kind == kinds.CODE:
            code = marshal.loads(code)
        elif kind == kinds.SOURCE:
            code = compile(code, "<remora>", "exec")
        namespace = {"__name__": "remora_agent"}
        exec(code, namespace)
        place = {name: config[name] for name in ("script", "socket", "directory")}
        return namespace["main"](answer["config"], connection, place)
    except BaseException as error:
        if connection is not None:
            connection.close()
        # One that lives removes its files itself; one that is silent for its second lives, too.
        if not isinstance(error, TimeoutError) and not listens():
            clean_up()
        return None
