"""Imports what it passes on when it is asked for it, as some packages do."""


def load():
    global late
    from imported_late import late
