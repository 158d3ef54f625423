/** How the flame graph is laid out: heaviest first, in the order of time, or the older recording of a comparison. */
export type View = 'weight' | 'time' | 'before'
