// The stack of one thread of a running target, without stopping it. Frames lie in chunks that are copied whole, so
// that a moving thread is caught in few reads; what was read is then proved against a second read. A stack that
// cannot be proved is read again, and marked if it never can.
// Which copies are accepted, and why, is told in docs/architecture.md ("True stacks").

import type { Code, CodeCache } from '../cpython/code/code.js'
import type { Position } from '../cpython/code/line-table.js'
import { OWNED_BY_GENERATOR, positionOf, type RawFrame, unitOf } from '../cpython/frames/frame.js'
import type { Runtime } from '../cpython/runtime/find-runtime.js'
import { parseThread, type ThreadState } from '../cpython/runtime/interpreter.js'
import { RemoraError } from '../errors/remora-error.js'
import type { Address } from '../memory/remote-memory.js'
import { DataStack } from './data-stack.js'

/** One Python call, as it stands in a traceback. */
export interface StackFrame extends Position {
  readonly function: string
  readonly qualifiedName: string
  readonly file: string
}

/** A frame where it lies in memory, for those who look into it. */
export interface FoundFrame {
  readonly frame: RawFrame
  readonly code: Code
}

export interface Stack {
  /** Innermost first. */
  readonly frames: readonly StackFrame[]
  /** False when the thread moved each time it was read; `frames` is then the last attempt, and may be false. */
  readonly consistent: boolean
}

/** Deeper recursion is cut. */
const MAX_FRAMES = 100_000
const DEFAULT_ATTEMPTS = 100
/** How far behind a thread state its base frame may begin, to be copied with it. */
const MAX_BASE_DISTANCE = 1024

/** Reads the stack of `thread`, at most `attempts` times until it is proved true. */
export function readStack(runtime: Runtime, thread: ThreadState, codes: CodeCache, attempts = DEFAULT_ATTEMPTS): Stack {
  let frames: StackFrame[] = []
  for (let attempt = 0; attempt < attempts; attempt++) {
    const result = tryReadStack(runtime, thread, codes)
    if (result === undefined) continue
    frames = result.frames.map(toStackFrame)
    if (result.proved) return { frames, consistent: true }
  }
  return { frames, consistent: false }
}

/**
 * The calls of `thread` from the innermost one out to the frame at `outermost`, read once. Undefined when the thread
 * moved meanwhile, or when that frame is not on its stack.
 */
export function readStackTo(
  runtime: Runtime,
  thread: ThreadState,
  codes: CodeCache,
  outermost: Address,
): FoundFrame[] | undefined {
  const result = tryReadStack(runtime, thread, codes, outermost)
  return result?.proved === true ? result.frames : undefined
}

interface Attempt {
  readonly frames: FoundFrame[]
  readonly proved: boolean
}

function tryReadStack(
  runtime: Runtime,
  thread: ThreadState,
  codes: CodeCache,
  outermost?: Address,
): Attempt | undefined {
  try {
    const { frames, proved } = copyFrames(runtime, thread)
    const wanted = frames && upTo(frames, outermost)
    const found = wanted && findCodes(wanted, codes)
    return found && { frames: found, proved }
  } catch (error) {
    if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return undefined
    throw error
  }
}

export interface FrameCopy {
  /** From the innermost frame to the base; undefined when the chain broke off or led back. */
  readonly frames: readonly RawFrame[] | undefined
  /** Whether a second copy said the same. */
  readonly proved: boolean
}

/** The frames of a thread as they lie in memory, copied twice. */
export function copyFrames(runtime: Runtime, thread: ThreadState): FrameCopy {
  // One right after the other, before anything is made of them: the less time in between, the more often they agree.
  const first = takeSnapshot(runtime, thread)
  const second = takeSnapshot(runtime, thread)
  const frames = walkFrames(first)
  if (first.thread.currentFrame !== second.thread.currentFrame) return { frames, proved: false }
  const again = walkFrames(second)
  return { frames, proved: frames !== undefined && again !== undefined && sameStack(frames, again) }
}

interface Snapshot {
  readonly thread: ThreadState
  readonly stack: DataStack
}

function takeSnapshot(runtime: Runtime, { address, baseFrame }: ThreadState): Snapshot {
  const { thread_state, interpreter_frame } = runtime.offsets
  const gap = baseFrame - address - thread_state.size
  const more = gap >= 0 && gap <= MAX_BASE_DISTANCE ? gap + interpreter_frame.size : 0
  const bytes = runtime.memory.read(address, thread_state.size + more)
  const thread = parseThread(runtime, address, bytes)
  return { thread, stack: new DataStack(runtime, thread, { start: address, bytes }) }
}

/** The chain from the thread's current frame down to its base; undefined when it breaks off or leads back. */
function walkFrames({ thread, stack }: Snapshot): readonly RawFrame[] | undefined {
  const frames: RawFrame[] = []
  // Where the walk was after 1, 2, 4, … frames: one that goes in a circle meets them again.
  let mark: Address = 0
  for (let at = thread.currentFrame; at !== 0; ) {
    if (at === mark || frames.length >= MAX_FRAMES) return undefined
    if ((frames.length & (frames.length - 1)) === 0) mark = at
    const frame = stack.readFrame(at)
    if (frame === undefined) return undefined
    frames.push(frame)
    at = frame.previous
  }
  return endsAtBase(frames, thread) ? frames : undefined
}

/**
 * Where threads have a frame at their bottom, that is the last one. Elsewhere, and in a greenlet, it is an entry from C,
 * if there is any. The base of another thread, to which a torn chain may lead, has no instruction.
 */
function endsAtBase(frames: readonly RawFrame[], { baseFrame }: ThreadState): boolean {
  const last = frames.at(-1)
  if (last === undefined || last.address === baseFrame) return true
  return last.isEntry && (baseFrame === 0 || last.instruction !== 0)
}

/** All frames, or those out to the one at `outermost`; undefined when that is none of them. */
function upTo(frames: readonly RawFrame[], outermost?: Address): readonly RawFrame[] | undefined {
  if (outermost === undefined) return frames
  const index = frames.findIndex(({ address }) => address === outermost)
  return index < 0 ? undefined : frames.slice(0, index + 1)
}

/** The frames that a stack shows, with their codes; undefined when one of them cannot run its code. */
export function findCodes(frames: readonly RawFrame[], codes: CodeCache): FoundFrame[] | undefined {
  const found: FoundFrame[] = []
  for (const frame of frames) {
    if (frame.code === 0) continue
    const code = codes.read(frame.code, frame.bytecodeCopy)
    const unit = unitOf(frame, code)
    if (unit === undefined) return undefined
    // The interpreter itself hides a frame that is not set up yet.
    if (frame.owner !== OWNED_BY_GENERATOR && unit < code.firstTraceable) continue
    found.push({ frame, code })
  }
  return found
}

/** What a traceback says of a frame. */
export function toStackFrame({ frame, code }: FoundFrame): StackFrame {
  return {
    function: code.name,
    qualifiedName: code.qualifiedName,
    file: code.file,
    ...positionOf(frame, code),
  }
}

/** Equal in every frame; of the innermost one the instruction may have moved on, as that alone proves nothing false. */
function sameStack(a: readonly RawFrame[], b: readonly RawFrame[]): boolean {
  return (
    a.length === b.length &&
    a.every((frame, index) => {
      const other = b[index] as RawFrame
      return (
        frame.address === other.address &&
        frame.code === other.code &&
        frame.owner === other.owner &&
        (index === 0 || frame.instruction === other.instruction)
      )
    })
  )
}
