// What stands in place of a stack's index when a copy has none that can be believed.

/** The thread moved while it was copied, or has moved since the plan was made: copy it again. */
export const MOVED = -1
/** The thread state is not that of this thread any more. */
export const GONE = -2
/** The copy is of one moment, but has a call that nobody has seen yet: copy it again, but not often. */
export const UNKNOWN = -3
