"""Walks the frames of the program, from the running one outwards, and prints their local variables."""

import sys

frame = sys._getframe(1)
while frame is not None:
    print(f"{frame.f_code.co_qualname} at line {frame.f_lineno}")
    if frame.f_locals is not frame.f_globals:
        for name, value in frame.f_locals.items():
            print(f"    {name} = {value!r}")
    frame = frame.f_back
