"""The kinds of all messages by their names. Part of other agents; changes nothing.

Written by the build from src/inject/protocol.ts, which says what they mean.
"""

PROTOCOL = 2
HELLO = b"h"
START = b"g"
CODE = b"m"
SOURCE = b"s"
STDOUT = b"o"
STDERR = b"e"
ERROR_TYPE = b"T"
ERROR_MESSAGE = b"M"
ERROR_TRACEBACK = b"B"
RUN_ENDED = b"r"
INTERRUPT = b"i"
REPR_PIECE = b"V"
VALUE_ADDRESS = b"v"
VALUE_READ = b"d"
FRAME_COUNT = b"F"
SESSION_THREAD = b"k"
RUN_SCRIPT = b"x"
END_SESSION = b"q"
UNFINISHED_LINE = b"I"
CHOSEN_FRAME = b"u"
COMPLETIONS = b"w"
PDB_BEGUN = b"S"
PDB_THREAD = b"N"
PDB_REFUSED = b"X"
PDB_MESSAGE = b"p"
CHECK_BLOCK = b'{"block":'
BLOCK_STATE = b"b"
INTERRUPT_PDB = b'{"interrupt":true}'
INTERRUPT_BY_REQUEST = b"n"
PDB_DROPPED = b"D"
PDB_ENDED = b"Q"
TRACE_EVENTS = b"t"
STOP_TRACING = b"f"
