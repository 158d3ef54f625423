"""Removes the files of a client that has died. Part of other agents; changes nothing else."""

import _socket
import posix

from .channel import PATIENCE_S


def remove_rendezvous(place):
    """Removes what a client that has died cannot remove any more. One that lives still needs it."""
    if listens(place["socket"]):
        return
    for name, remove in (("script", posix.unlink), ("socket", posix.unlink), ("directory", posix.rmdir)):
        try:
            remove(place[name])
        except OSError:
            pass


def listens(path):
    """Whether a client lives there.

    In one that is killed the conversations end before its listening does: it would let us connect, but then resets what
    it has not accepted. One that lives accepts, and closes, as there is nothing for it to hear.
    """
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(PATIENCE_S)
        connection.connect(path)
        connection.shutdown(_socket.SHUT_WR)
        connection.recv(1)
        return True
    except (BlockingIOError, TimeoutError):
        # The first: so many come to it at once that there is no room to wait.
        return True
    except OSError:
        return False
    finally:
        connection.close()
