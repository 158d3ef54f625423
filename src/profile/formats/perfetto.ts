// The protobuf trace of Perfetto, for ui.perfetto.dev and trace_processor: every sample is one of its CPU profile
// samples, with interned stacks. A thread is a packet sequence of its own, and each packet brings the stacks that its
// sequence has not had yet. A task is shown as a thread with a made-up number.

import type { Profile } from '../profile.js'
import { findFunctions } from './functions.js'
import { threadLabels } from './labels.js'
import type { Output } from './output.js'
import { Message } from './protobuf.js'
import { pathOf, type Tables, tablesOf } from './totals.js'

// Field numbers of the messages in perfetto_trace.proto.
const PACKET = 1
const TracePacket = {
  clockSnapshot: 6,
  sequenceId: 10,
  internedData: 12,
  sequenceFlags: 13,
  processDescriptor: 43,
  threadDescriptor: 44,
  streamingProfile: 54,
} as const
const InternedData = {
  functionNames: 5,
  frames: 6,
  callstacks: 7,
  mappingPaths: 17,
  sourcePaths: 18,
  mappings: 19,
} as const
const InternedString = { iid: 1, text: 2 } as const
const Mapping = { iid: 1, pathIds: 7 } as const
const Frame = { iid: 1, functionName: 2, mapping: 3, relativePc: 4, sourcePath: 5, line: 6 } as const
const Callstack = { iid: 1, frames: 2 } as const
const ThreadDescriptor = { pid: 1, tid: 2, name: 5, referenceUs: 6 } as const
const ProcessDescriptor = { pid: 1, name: 6 } as const

const STATE_CLEARED = 1
const NEEDS_STATE = 2
const CLOCKS = { realtime: 1, monotonic: 3, boottime: 6 } as const
/** Where the trace's clock stands at the first sample. */
const BEGIN_US = 1_000_000
/** Above all thread numbers of Linux. */
const FIRST_TASK_ID = 1 << 23

export function writePerfetto(profile: Profile, output: Output): void {
  const { info, threads } = profile
  const tables = tablesOf(profile)
  writePacket(
    output,
    new Message().bytes(TracePacket.clockSnapshot, toClocks(info.startedAt)).varint(TracePacket.sequenceId, 1),
  )
  for (const pid of new Set(threads.map((thread) => thread.pid))) {
    const process = new Message().varint(ProcessDescriptor.pid, pid).text(ProcessDescriptor.name, info.command)
    writePacket(output, new Message().bytes(TracePacket.processDescriptor, process).varint(TracePacket.sequenceId, 1))
  }
  const interned = new InternedTables(tables)
  const labels = threadLabels(threads)
  const sequences = threads.map(
    ({ pid, nativeId, task }, at) =>
      new Sequence(output, interned, {
        id: at + 2,
        pid,
        tid: task === undefined ? nativeId : FIRST_TASK_ID + at,
        name: labels[at] ?? '',
      }),
  )
  writeRuns(profile, sequences)
  for (const sequence of sequences) sequence.flush()
}

function writeRuns({ runs }: Profile, sequences: readonly Sequence[]): void {
  for (const piece of runs) {
    for (let at = 0; at < piece.length; at++) {
      const sequence = sequences[piece.threads[at] as number] as Sequence
      const stack = piece.stacks[at] as number
      sequence.add(stack, piece.startUs[at] as number, piece.endUs[at] as number, piece.counts[at] as number)
    }
  }
}

function toClocks(startedAt: string): Message {
  const clock = (id: number, nanoseconds: bigint): Message => new Message().varint(1, id).bigVarint(2, nanoseconds)
  const begin = BigInt(BEGIN_US) * 1000n
  return new Message()
    .bytes(1, clock(CLOCKS.realtime, BigInt(Date.parse(startedAt)) * 1_000_000n))
    .bytes(1, clock(CLOCKS.monotonic, begin))
    .bytes(1, clock(CLOCKS.boottime, begin))
}

function writePacket(output: Output, packet: Message): void {
  output.bytes(new Message().bytes(PACKET, packet).encoded)
}

/** The samples of one thread on their way into packets. */
class Sequence {
  readonly #output: Output
  readonly #interned: InternedTables
  readonly #id: number
  readonly #knownStacks: Uint8Array
  readonly #known = {
    frames: new Set<number>(),
    functions: new Set<number>(),
    files: new Set<string>(),
  }
  #new = new Message()
  #samples = new Message()
  #lastUs = 0

  constructor(
    output: Output,
    interned: InternedTables,
    { id, pid, tid, name }: { id: number; pid: number; tid: number; name: string },
  ) {
    this.#output = output
    this.#interned = interned
    this.#id = id
    this.#knownStacks = new Uint8Array(interned.stackCount)
    const thread = new Message()
      .varint(ThreadDescriptor.pid, pid)
      .varint(ThreadDescriptor.tid, tid)
      .text(ThreadDescriptor.name, name)
      .varint(ThreadDescriptor.referenceUs, BEGIN_US)
    writePacket(
      output,
      new Message()
        .bytes(TracePacket.threadDescriptor, thread)
        .varint(TracePacket.sequenceId, id)
        .varint(TracePacket.sequenceFlags, STATE_CLEARED),
    )
  }

  /** Samples at even distances from `startUs` to before `endUs`. An empty stack is an error to the reader. */
  add(stack: number, startUs: number, endUs: number, count: number): void {
    if (stack === 0) return
    if (this.#knownStacks[stack] === 0) this.#learn(stack)
    const step = (endUs - startUs) / count
    for (let sample = 0; sample < count; sample++) {
      const us = Math.max(this.#lastUs, Math.round(startUs + sample * step))
      this.#samples.sample(stack + 1, us - this.#lastUs)
      this.#lastUs = us
      if (this.#samples.length > LARGEST_PACKET) this.flush()
    }
  }

  flush(): void {
    if (this.#samples.length === 0) return
    const packet = new Message()
    if (this.#new.length > 0) packet.bytes(TracePacket.internedData, this.#new)
    writePacket(
      this.#output,
      packet
        .bytes(TracePacket.streamingProfile, this.#samples)
        .varint(TracePacket.sequenceId, this.#id)
        .varint(TracePacket.sequenceFlags, NEEDS_STATE),
    )
    this.#new = new Message()
    this.#samples.clear()
  }

  #learn(stack: number): void {
    this.#knownStacks[stack] = 1
    this.#interned.writeStack(stack, this.#new, this.#known)
  }
}

const LARGEST_PACKET = 1 << 15

interface Known {
  readonly frames: Set<number>
  readonly functions: Set<number>
  readonly files: Set<string>
}

/** Writes a stack with those of its frames, functions and files that a sequence does not know yet. */
class InternedTables {
  readonly #tables: Tables
  readonly #table: ReturnType<typeof findFunctions>
  readonly #files = new Map<string, number>()

  constructor(tables: Tables) {
    this.#tables = tables
    this.#table = findFunctions(tables.frames)
    for (const { file } of tables.frames) if (!this.#files.has(file)) this.#files.set(file, this.#files.size + 1)
  }

  get stackCount(): number {
    return this.#tables.stacks.length
  }

  writeStack(stack: number, into: Message, known: Known): void {
    const callstack = new Message().varint(Callstack.iid, stack + 1)
    for (const frame of pathOf(this.#tables.stacks, stack)) {
      callstack.varint(Callstack.frames, frame + 1)
      if (!known.frames.has(frame)) this.#writeFrame(frame, into, known)
    }
    into.bytes(InternedData.callstacks, callstack)
  }

  #writeFrame(index: number, into: Message, known: Known): void {
    const frame = this.#tables.frames[index]
    const function_ = this.#table.ofFrame[index] as number
    if (frame === undefined) return
    known.frames.add(index)
    const file = this.#files.get(frame.file) ?? 0
    if (!known.files.has(frame.file)) {
      known.files.add(frame.file)
      const path = new Message().varint(InternedString.iid, file).text(InternedString.text, frame.file)
      into.bytes(InternedData.mappingPaths, path).bytes(InternedData.sourcePaths, path)
      into.bytes(InternedData.mappings, new Message().varint(Mapping.iid, file).varint(Mapping.pathIds, file))
    }
    if (!known.functions.has(function_)) {
      known.functions.add(function_)
      const name = new Message()
        .varint(InternedString.iid, function_ + 1)
        .text(InternedString.text, frame.qualifiedName)
      into.bytes(InternedData.functionNames, name)
    }
    into.bytes(
      InternedData.frames,
      new Message()
        .varint(Frame.iid, index + 1)
        .varint(Frame.functionName, function_ + 1)
        .varint(Frame.mapping, file)
        .varint(Frame.relativePc, frame.line)
        .varint(Frame.sourcePath, file)
        .varint(Frame.line, frame.line),
    )
  }
}
