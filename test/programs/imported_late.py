"""Imported by way of imported_again.py, when traced.py is told to."""


def late(value):
    return value + 1
