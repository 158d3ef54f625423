// A clock that only goes forward. `performance` is the same clock, but the first use of it loads a module of Node that
// takes longer than a whole request.

/** Milliseconds since some moment in the past; on Linux those of CLOCK_MONOTONIC. */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
