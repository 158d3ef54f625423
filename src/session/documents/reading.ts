// The documents of the commands that read the target's memory and nothing else.

import type { Variable } from '../../cpython/values/variable.js'
import type { ActivityState, FrameInfo, TargetInfo, TaskState, ThreadInfo, WaitingOn } from './common.js'

export interface TaskInfo {
  /** `id(task)` in the target. */
  id: number
  name: string
  /** `threading.get_ident()` of the thread that runs its loop; absent when none does. */
  threadId?: number
  state: TaskState
  /** The calls of its coroutine, innermost first. */
  coroutines: FrameInfo[]
  /** Ids of the tasks that await it. */
  awaitedBy: number[]
  /** The future, or task, on whose end it will go on. */
  waitsFor?: { type: string; id: number }
  /** `Task.cancelling()`: how often it has been asked to cancel itself; absent for never. */
  cancelRequests?: number
  /** False when the task changed each time it was read: what is said of it may be false. */
  consistent: boolean
}

export interface TasksDocument {
  schema: 'remora.tasks/1'
  target: TargetInfo
  takenAt: string
  /** Whether these are all tasks: false when a list of them changed each time it was read. */
  complete: boolean
  tasks: TaskInfo[]
  /** The threads that run the loops of these tasks. */
  threads: ThreadInfo[]
  /** Tasks that wait for each other and can never go on: each awaits the next, the last one the first. */
  cycles?: number[][]
}

export interface ThreadStackInfo extends ThreadInfo {
  main: boolean
  holdsGil: boolean
  state: ActivityState
  waitingOn?: WaitingOn
  /** Id of its interpreter: 0 is the main one. */
  interpreter: number
  /** False when the thread moved each time it was read; its frames may then be false. */
  consistent: boolean
  /** Innermost first. */
  frames: FrameInfo[]
}

export interface StackDocument {
  schema: 'remora.stack/1'
  target: TargetInfo
  takenAt: string
  /** Whether the stack of every thread is proved true. */
  consistent: boolean
  threads: ThreadStackInfo[]
}

export interface InspectDocument {
  schema: 'remora.inspect/1'
  target: TargetInfo
  takenAt: string
  path: string
  /** False when the path led elsewhere each time the value had been read: to another object, or another call. */
  consistent: boolean
  value: Variable
}

export interface InstancesDocument {
  schema: 'remora.instances/1'
  target: TargetInfo
  takenAt: string
  /** The class that was asked for. */
  type: string
  /** False when the time did not suffice, or objects moved each time they were looked at. */
  complete: boolean
  /** How many objects were looked at. */
  scanned: number
  /** The class and its subclasses, with their objects. `bytes` is of the objects alone, without what they refer to. */
  classes: { type: string; count: number; bytes: number }[]
  /** The first of them, each under a path that leads to it. */
  instances: Variable[]
}

/** One object, or one call, that refers to another object. */
export interface ReferrerInfo {
  /** What refers, under a path that leads to it. A call has no address. */
  holder: Variable
  /**
   * How it leads to the object: `app.jobs`, `@0x7f…[3]`, `@main:2.job`. The next command takes these as paths, but for
   * long keys, and keys that only code can make.
   */
  paths: string[]
  /**
   * What the object is in there where no path is known: a key of a dict, an element of a set, on the stack of a call that
   * rests (what a coroutine awaits), or a field of C.
   */
  as?: 'key' | 'element' | 'operand' | 'field'
  /**
   * Who refers to this one in turn. Absent for a module or a call, where paths begin; for one that has come before; and at
   * the last level.
   */
  referrers?: ReferrerInfo[]
  /** How many there are; `referrers` may be the first of them. */
  total?: number
}

export interface ReferrersDocument {
  schema: 'remora.referrers/1'
  target: TargetInfo
  takenAt: string
  path: string
  /** False when the path led to another object in the end. */
  consistent: boolean
  /** The object that was asked for, without what is inside. */
  value: Variable
  /** False when the time did not suffice, or something changed each time it was looked at: some may be missing. */
  complete: boolean
  /** How many objects were looked at, those that the garbage collector tracks, some twice in lists that change. */
  scanned: number
  /** How many refer to it. */
  total: number
  /** The first of them, calls before objects. */
  referrers: ReferrerInfo[]
}
