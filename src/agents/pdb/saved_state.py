"""What pdb keeps in its own modules, to be put back as it was when a session ends. Part of pdb.

It changes nothing but to put that back.
"""

import sys


class SavedState:
    """What pdb keeps in its modules: as it was before the session."""

    def __init__(self, pdb):
        breakpoint = pdb.bdb.Breakpoint
        self.pdb = pdb
        self.last = pdb.Pdb._last_pdb_instance
        self.next = breakpoint.next
        self.by_place = {place: list(ones) for place, ones in breakpoint.bplist.items()}
        self.by_number = list(breakpoint.bpbynumber)
        self.times = dict(pdb.Pdb._file_mtime_table)
        self.underscore = vars(pdb.builtins).get("_", self)
        self.module = "rlcompleter" in sys.modules

    def restore(self, debuggers):
        breakpoint = self.pdb.bdb.Breakpoint
        breakpoint.next = self.next
        breakpoint.bplist.clear()
        breakpoint.bplist.update(self.by_place)
        breakpoint.bpbynumber[:] = self.by_number
        for debugger in debuggers:
            self.restore_last(debugger)
        self.pdb.Pdb._file_mtime_table.clear()
        self.pdb.Pdb._file_mtime_table.update(self.times)
        if self.underscore is not self:
            self.pdb.builtins._ = self.underscore
        else:
            vars(self.pdb.builtins).pop("_", None)
        for debugger in debuggers:
            debugger.breaks.clear()
            debugger.forget_variables()

    def restore_last(self, debugger):
        if self.pdb.Pdb._last_pdb_instance is debugger:
            self.pdb.Pdb._last_pdb_instance = self.last
