// A clock that only goes forward, and a pause. Node has both as `performance` and `timers/promises`, but the first use of
// these loads a module that takes longer than many a request.

/** Milliseconds since some moment in the past; on Linux those of CLOCK_MONOTONIC. */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Holds up this whole process, for what has to be a single step of it. */
export function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
