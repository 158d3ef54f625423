// What documents of several commands are made of.

import type { Variable } from '../../cpython/values/variable.js'

/** The process a document is about. */
export interface TargetInfo {
  pid: number
  /** Version of its Python: `3.14.8`. */
  python: string
  /** Path of its executable as it sees it. */
  executable: string
  /** Its command line, joined by spaces. */
  command: string
}

export interface ThreadInfo {
  /** `threading.get_ident()` in the target. */
  id: number
  /** `threading.get_native_id()` in the target. */
  nativeId: number
  name: string
}

/** `runnable` waits for nothing but the GIL; `stopped` is held by a signal, a tracer or a frozen cgroup. */
export type ActivityState = 'running' | 'runnable' | 'blocked' | 'stopped' | 'unknown'

export interface WaitingOn {
  /** Name of the system call. */
  syscall: string
  /** Its object: `socket to 10.0.0.7:5432`, `pipe`, `the end of a sleep, in 12.3 s`. */
  detail?: string
}

/** `scheduled`: it waits for nothing and will run at the loop's next turn. */
export type TaskState = 'running' | 'waiting' | 'scheduled'

/** One Python call, as it stands in a traceback. Lines count from 1, columns are offsets in UTF-8 bytes from 0. */
export interface FrameInfo {
  function: string
  qualifiedName: string
  file: string
  line: number | null
  endLine: number | null
  column: number | null
  endColumn: number | null
  /** The source line, when its file can be read. */
  source?: string
  /** Arguments, locals, cells and free variables, when they were asked for. */
  locals?: Variable[]
}
