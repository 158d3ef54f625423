// What this project knows of a version of CPython, as one interface: where its fields lie, and how it behaves. Each
// version is one module of this folder that fills it in; everybody else asks a `Runtime` for a fact by its name and
// never which version it is. Facts are read once, into fields, by whoever needs them often.

import type { AsyncioOffsets } from '../asyncio/asyncio-offsets.js'
import type { Offsets } from '../debug-offsets/offsets.js'
import type { Decoded, OffsetsSchema } from '../debug-offsets/schema.js'
import type { ReferenceTags } from '../pointer.js'
import type { PythonVersion } from './version.js'

export interface VersionModule {
  /** `3.14`: of all its patch releases. */
  readonly name: string
  /** Groups and fields of `_Py_DebugOffsets` in their order, without the head. */
  readonly schema: OffsetsSchema
  /** Bytes of the whole table, its head included. */
  readonly tableBytes: number
  /** All offsets: what the table says, and what follows from that for the fields that it leaves out. */
  complete(published: Decoded<OffsetsSchema>): Offsets
  /** How such a build behaves. */
  describe(build: Build, published: Decoded<OffsetsSchema>): PythonFacts
}

/** What a target says of its build. */
export interface Build {
  readonly version: PythonVersion
  readonly freeThreaded: boolean
}

export interface PythonFacts {
  readonly frames: FrameFacts
  /** Values of `gi_frame_state`. */
  readonly generatorStates: Readonly<Record<GeneratorState, readonly number[]>>
  readonly threadStatus: ThreadStatusBits
  readonly evalBreaker: EvalBreakerBits
  readonly collector: CollectorFacts
  readonly asyncio: AsyncioTable
  readonly text: TextFacts
}

export interface FrameFacts {
  /** Owner of an entry from C, or of a thread's base: frames with this owner or a greater one have no code. */
  readonly firstEntryOwner: number
  /** The greatest owner there is. */
  readonly lastOwner: number
  /** Of references in frames. */
  readonly references: ReferenceTags
  /** Of a frame that awaits: how many bytes below its stack pointer the awaited object lies. */
  readonly awaitedBelowTop: number
  /** Instructions that hand the thread to a generator, general and specialised: `for`, `await` and `yield from`. */
  readonly resuming: ReadonlySet<number>
}

/** `suspended` has not begun, or rests in a `yield`; `awaiting` in an `await` or a `yield from`; `cleared` has ended. */
export type GeneratorState = 'suspended' | 'awaiting' | 'executing' | 'cleared'

/** Masks of `PyThreadState._status`. */
export interface ThreadStatusBits {
  readonly initialized: number
  /** It is ending, or has ended. */
  readonly ending: number
}

/** Masks of the eval breaker's lowest byte. */
export interface EvalBreakerBits {
  readonly signalsPending: number
  readonly callsToDo: number
  readonly asyncException: number
  /** Asks for a look at a pending script. */
  readonly pleaseStop: number
}

export interface CollectorFacts {
  /** Lists of tracked objects, the youngest first, then what `gc.freeze` has set aside; and the bytes of each. */
  readonly generations: number
  readonly generationBytes: number
  /** Whether objects only ever go from younger lists to older ones. */
  readonly movesOneWay: boolean
  readonly fullCollections: FullCollections
}

/** Where that lies which a collection of the oldest generation changes at its end. */
export type FullCollections =
  | {
      readonly place: 'behind-last-head'
      /** From the last head on. */
      readonly offset: number
      readonly bytes: number
    }
  | {
      readonly place: 'end-of-rings'
      /** In the collector's state: a pointer to the statistics, which are `size` bytes. */
      readonly pointer: number
      readonly size: number
      readonly bytes: number
    }

/** The table of the `_asyncio` module: thirteen u64 or so, without cookie or version. */
export interface AsyncioTable {
  readonly schema: {
    readonly task: readonly string[]
    readonly interpreter_state: readonly string[]
    readonly thread_state: readonly string[]
  }
  readonly tableBytes: number
  complete(published: Decoded<AsyncioTable['schema']>, header: number): AsyncioOffsets
}

/** In what `repr()` differs. */
export interface TextFacts {
  /** Version of Unicode that decides what is printable. */
  readonly unicode: number
  /** A bytearray's text has a backslash before every single quote. */
  readonly bytearrayEscapesQuotes: boolean
  /** Methods of `object` say whose they are, as those of all other classes do. */
  readonly objectMethodsNameOwner: boolean
  /** Type aliases show their qualified name. */
  readonly typeAliasIsQualified: boolean
  /** Of the bits behind the descriptor of a `FileIO`: whether closing it closes that. */
  readonly closesDescriptorBit: number
}
