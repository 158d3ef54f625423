// The signals by which a person, a terminal or a service manager ends a command, which then ends in good order.

/** Calls `interrupt` at Ctrl-C, and `terminate` when this process is told to end. Returns the way to stop listening. */
export function onEndSignals(interrupt: () => void, terminate: () => void = interrupt): () => void {
  const listeners = [
    ['SIGINT', interrupt],
    ['SIGTERM', terminate],
    ['SIGHUP', terminate],
  ] as const
  for (const [signal, listener] of listeners) process.on(signal, listener)
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener)
  }
}
