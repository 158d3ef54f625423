"""Prints the stack of the thread in which it runs, the program's own frames above its own."""

import sys
import traceback

traceback.print_stack(file=sys.stdout)
