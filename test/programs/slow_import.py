"""Busy until its standard input is closed, and holds up an import of pdb until a line comes there."""

import os
import select
import sys

import support


class Hold:
    """Finds no module, one that pdb needs late."""

    def find_spec(self, name, path=None, target=None):
        if name == "bdb":
            support.say("importing")
            while not select.select([0], [], [], 0.005)[0]:
                pass
            os.read(0, 100)


sys.meta_path.insert(0, Hold())
support.ready()
for _ in support.lines():
    pass
support.finished(True)
