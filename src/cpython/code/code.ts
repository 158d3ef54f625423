// Reads code objects: what a frame needs to be shown as a function at a line. Code objects do not change while they
// live, so who reads many stacks keeps them by address (`CodeCache`).

import { RemoraError } from '../../errors/remora-error.js'
import type { Address } from '../../memory/remote-memory.js'
import { readStr } from '../objects/scalars/str.js'
import { pointerAt, readPointer } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'
import type { InterpreterState } from '../runtime/interpreter.js'

/** Real tables of generated code reach some hundred KiB. */
export const MAX_LINE_TABLE_BYTES = 4 * 1024 * 1024
/** As many as threads: each may have a copy of its own. */
export const MAX_COPIES = 8192

/** `CO_GENERATOR`, `CO_COROUTINE` and `CO_ASYNC_GENERATOR` of Include/cpython/code.h. */
const MAKES_GENERATOR = 0x20 | 0x80 | 0x200

export interface Code {
  readonly address: Address
  readonly name: string
  readonly qualifiedName: string
  readonly file: string
  readonly firstLine: number
  readonly lineTable: Buffer
  /**
   * Where its instructions begin: those of the object itself, and behind them the copies that the threads of a
   * free-threaded build run and specialise, by index; 0 for one that has not been made.
   */
  readonly copies: readonly Address[]
  /** Number of 2-byte code units, caches included. */
  readonly unitCount: number
  /** Frames before this instruction are not set up yet. */
  readonly firstTraceable: number
  /** What a frame of it takes on the data stack, in bytes: its locals and its evaluation stack are part of it. */
  readonly frameBytes: number
  /** How many parameters, local variables and cells a frame of it has. */
  readonly variableCount: number
  /** Whether a call of it makes a generator or a coroutine, in which its frame lies from then on. */
  readonly makesGenerator: boolean
}

/** The code objects of one target by address. */
export class CodeCache {
  readonly #runtime: Runtime
  readonly #codes = new Map<Address, Code>()
  #generation: string | undefined
  #codeType: Address | undefined

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /**
   * The code object at `address`, with the copy of its instructions that has the index `copy`, if there is one now.
   * @throws RemoraError `MEMORY_UNREADABLE` when what lies there is none.
   */
  read(address: Address, copy = 0): Code {
    const known = this.#codes.get(address)
    // Copies are added while the object lives.
    if (known?.copies[copy]) return known
    const code = readCode(this.#runtime, address, (type) => this.#isCodeType(type))
    this.#codes.set(address, code)
    return code
  }

  /** Forgets all when a code object or a copy has been freed since the last call: another may now lie in its place. */
  refresh({ codeGeneration }: InterpreterState): void {
    if (codeGeneration !== this.#generation) this.#codes.clear()
    this.#generation = codeGeneration
  }

  #isCodeType(type: Address): boolean {
    if (this.#codeType === undefined) {
      const { memory, offsets } = this.#runtime
      const name = memory.read(readPointer(memory, type + offsets.type_object.tp_name), 5)
      if (name.toString('latin1') !== 'code\0') return false
      this.#codeType = type
    }
    return type === this.#codeType
  }
}

function readCode(runtime: Runtime, address: Address, isCodeType: (type: Address) => boolean): Code {
  const { memory, offsets } = runtime
  const fields = offsets.code_object
  const bytes = memory.read(address, fields.size)
  if (!isCodeType(pointerAt(bytes, offsets.pyobject.ob_type))) {
    throw new RemoraError('MEMORY_UNREADABLE', `there is no code object at 0x${address.toString(16)}`, { address })
  }
  return {
    address,
    name: readStr(runtime, pointerAt(bytes, fields.name)),
    qualifiedName: readStr(runtime, pointerAt(bytes, fields.qualname)),
    file: readStr(runtime, pointerAt(bytes, fields.filename)),
    firstLine: bytes.readInt32LE(fields.firstlineno),
    lineTable: readLineTable(runtime, pointerAt(bytes, fields.linetable)),
    copies: [address + fields.co_code_adaptive, ...readFurtherCopies(runtime, bytes)],
    // The size of the object's variable part, right behind the object header.
    unitCount: bytes.readUInt32LE(offsets.pyobject.size),
    firstTraceable: bytes.readInt32LE(fields.co_firsttraceable),
    frameBytes: bytes.readInt32LE(fields.co_framesize) * 8,
    variableCount: bytes.readInt32LE(fields.co_nlocalsplus),
    makesGenerator: (bytes.readInt32LE(fields.co_flags) & MAKES_GENERATOR) !== 0,
  }
}

/** Follows Include/cpython/code.h (_PyCodeArray) at v3.14.0: a count, and pointers, the first to the object's own. */
function readFurtherCopies({ memory, offsets, freeThreaded }: Runtime, code: Buffer): Address[] {
  if (!freeThreaded) return []
  const array = pointerAt(code, offsets.code_object.co_tlbc)
  const count = Math.min(readPointer(memory, array), MAX_COPIES)
  const pointers = memory.read(array + 8, count * 8)
  return Array.from({ length: count }, (_, index) => pointerAt(pointers, index * 8)).slice(1)
}

function readLineTable({ memory, offsets }: Runtime, address: Address): Buffer {
  const fields = offsets.bytes_object
  const length = Number(memory.read(address + fields.ob_size, 8).readBigInt64LE())
  if (!(length >= 0 && length <= MAX_LINE_TABLE_BYTES)) {
    throw new RemoraError('MEMORY_UNREADABLE', `a line table of ${length} bytes is not credible`, { address, length })
  }
  return memory.read(address + fields.ob_sval, length)
}
