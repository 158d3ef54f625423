"""Has been stopped by a pdb of its own, whose `continue` has left a handler of SIGINT behind; then works a round every few
milliseconds until standard input is closed."""

import io
import pdb
import select

import support


def work():
    return sum(range(10))


def main():
    own = pdb.Pdb(stdin=io.StringIO("continue\n"), stdout=io.StringIO(), readrc=False)
    own.use_rawinput = False
    own.set_trace()
    support.ready()
    while not select.select([0], [], [], 0.005)[0]:
        work()
    support.finished(True)


main()
