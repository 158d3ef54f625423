// How to find the caller of a function from its stack frame, as compilers note it in `.eh_frame` for every instruction.
// Pure over the bytes of an ELF file. Rules that need a computation are left out: who asks then does not know.
// Follows the Linux Standard Base, "Exception Frames", and DWARF 5, section 6.4.

import { type Elf, toFileOffset } from './elf.js'
import { EncodedBytes, SDATA4_PCREL } from './encoded-bytes.js'

/** The rule for one instruction. Registers have DWARF's numbers. */
export interface UnwindRow {
  /** The canonical frame address is the value of this register plus an offset. */
  readonly frameRegister: number
  readonly frameOffset: number
  /** Registers of the caller that are on the stack, as offsets from the canonical frame address. */
  readonly saved: ReadonlyMap<number, number>
  /** The register that stands for the return address. */
  readonly returnRegister: number
}

const PT_GNU_EH_FRAME = 0x6474e550
const HEADER_BYTES = 12
/** Encodings of the search table that all linkers write: a table of offsets, relative to its own start. */
const UDATA4 = 0x03
const SDATA4_DATAREL = 0x3b
const ENTRY_BYTES = 8
const MAX_ENTRIES = 1_000_000
/** The longest description of one function that is read. */
const MAX_RECORD_BYTES = 64 * 1024

/** The rule at `address` (in the file), or undefined when there is none that can be followed. */
export function findUnwindRow(elf: Elf, address: number): UnwindRow | undefined {
  const record = findFunctionRecord(elf, address)
  const description = record === undefined ? undefined : readDescription(elf, record)
  if (description === undefined || address < description.start || address >= description.end) return undefined
  return runInstructions(description, address)
}

/** Address of the last record that begins at or before `address`, from the sorted table in `.eh_frame_hdr`. */
function findFunctionRecord(elf: Elf, address: number): number | undefined {
  const segment = elf.segments.find(({ type }) => type === PT_GNU_EH_FRAME)
  if (segment === undefined) return undefined
  const header = elf.source(segment.offset, HEADER_BYTES)
  const isKnown =
    header.length === HEADER_BYTES &&
    header[0] === 1 &&
    header[1] === SDATA4_PCREL &&
    header[2] === UDATA4 &&
    header[3] === SDATA4_DATAREL
  if (!isKnown) return undefined
  const count = header.readUInt32LE(8)
  const table = count > MAX_ENTRIES ? undefined : elf.source(segment.offset + HEADER_BYTES, count * ENTRY_BYTES)
  if (table?.length !== count * ENTRY_BYTES) return undefined
  const wanted = address - segment.address
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (table.readInt32LE(middle * ENTRY_BYTES) <= wanted) low = middle + 1
    else high = middle
  }
  return low === 0 ? undefined : segment.address + table.readInt32LE((low - 1) * ENTRY_BYTES + 4)
}

interface Common {
  readonly codeAlignment: number
  readonly dataAlignment: number
  readonly returnRegister: number
  readonly encoding: number
  readonly augmented: boolean
  readonly instructions: EncodedBytes
}

interface Description {
  readonly start: number
  readonly end: number
  readonly common: Common
  readonly instructions: EncodedBytes
}

function readDescription(elf: Elf, address: number): Description | undefined {
  const record = readRecord(elf, address)
  if (record === undefined) return undefined
  const at = record.address
  const common = readCommon(elf, at - record.u32())
  const start = common && record.pointer(common.encoding)
  if (common === undefined || start === undefined) return undefined
  const length = record.i32()
  if (common.augmented) record.skip(record.uleb())
  return { start, end: start + length, common, instructions: record }
}

function readCommon(elf: Elf, address: number): Common | undefined {
  const record = readRecord(elf, address)
  if (record === undefined || record.u32() !== 0) return undefined
  const version = record.u8()
  const augmentation = record.cString()
  const codeAlignment = record.uleb()
  const dataAlignment = record.sleb()
  const returnRegister = version === 1 ? record.u8() : record.uleb()
  let encoding = 0
  const augmented = augmentation.startsWith('z')
  const rest = augmented ? record.take(record.uleb()) : undefined
  for (const letter of augmentation.slice(1)) {
    if (letter === 'R') encoding = rest?.u8() ?? 0
    else if (letter === 'L') rest?.u8()
    else if (letter === 'P') rest?.pointer(rest.u8())
    // 'S' marks the frame below a signal handler, where the caller is no caller.
    else if (letter !== 'B') return undefined
  }
  return { codeAlignment, dataAlignment, returnRegister, encoding, augmented, instructions: record }
}

function readRecord(elf: Elf, address: number): EncodedBytes | undefined {
  const offset = toFileOffset(elf, address)
  if (offset === undefined) return undefined
  const head = elf.source(offset, 4)
  const length = head.length === 4 ? head.readUInt32LE(0) : 0
  if (length === 0 || length > MAX_RECORD_BYTES) return undefined
  return new EncodedBytes(elf.source(offset + 4, length), address + 4)
}

const OPCODE = {
  nop: 0x00,
  advance1: 0x02,
  advance2: 0x03,
  advance4: 0x04,
  offsetExtended: 0x05,
  restoreExtended: 0x06,
  undefined: 0x07,
  sameValue: 0x08,
  rememberState: 0x0a,
  restoreState: 0x0b,
  frame: 0x0c,
  frameRegister: 0x0d,
  frameOffset: 0x0e,
  frameExpression: 0x0f,
  expression: 0x10,
  offsetExtendedSigned: 0x11,
  frameSigned: 0x12,
  frameOffsetSigned: 0x13,
  /** arm64: from here on the return address is signed, or no longer. */
  negateSignedReturn: 0x2d,
  argumentsSize: 0x2e,
}

interface State {
  frameRegister: number | undefined
  frameOffset: number
  saved: Map<number, number>
}

function runInstructions({ common, instructions, start }: Description, address: number): UnwindRow | undefined {
  const initial: State = { frameRegister: undefined, frameOffset: 0, saved: new Map() }
  const machine = new Machine(common, initial)
  if (machine.run(common.instructions, Number.POSITIVE_INFINITY) === undefined) return undefined
  machine.startAt(start)
  const state = machine.run(instructions, address)
  if (state?.frameRegister === undefined) return undefined
  const { frameRegister, frameOffset, saved } = state
  return { frameRegister, frameOffset, saved, returnRegister: common.returnRegister }
}

class Machine {
  readonly #common: Common
  readonly #remembered: State[] = []
  #state: State
  #initial: State
  #location = 0

  constructor(common: Common, state: State) {
    this.#common = common
    this.#state = state
    this.#initial = copyOf(state)
  }

  /** From here on, what was set so far is what registers are restored to. */
  startAt(location: number): void {
    this.#location = location
    this.#initial = copyOf(this.#state)
  }

  /** The state before the first instruction that is about a place behind `address`; undefined if one is not known. */
  run(bytes: EncodedBytes, address: number): State | undefined {
    while (!bytes.ended) {
      const opcode = bytes.u8()
      const [kind, operand] = [opcode >> 6, opcode & 0x3f]
      if (kind === 1) this.#location += operand * this.#common.codeAlignment
      else if (kind === 2) this.#save(operand, bytes.uleb())
      else if (kind === 3) this.#restore(operand)
      else if (!this.#runExtended(opcode, bytes)) return undefined
      if (this.#location > address) break
    }
    return bytes.overrun ? undefined : this.#state
  }

  /** False for an instruction that is not known. */
  #runExtended(opcode: number, bytes: EncodedBytes): boolean {
    return this.#runAdvance(opcode, bytes) || this.#runRegister(opcode, bytes) || this.#runFrame(opcode, bytes)
  }

  #runAdvance(opcode: number, bytes: EncodedBytes): boolean {
    const readers: Readonly<Record<number, () => number>> = {
      [OPCODE.nop]: () => 0,
      [OPCODE.advance1]: () => bytes.u8(),
      [OPCODE.advance2]: () => bytes.u16(),
      [OPCODE.advance4]: () => bytes.u32(),
    }
    this.#location += (readers[opcode]?.() ?? 0) * this.#common.codeAlignment
    return Object.hasOwn(readers, opcode)
  }

  #runRegister(opcode: number, bytes: EncodedBytes): boolean {
    if (opcode === OPCODE.offsetExtended) this.#save(bytes.uleb(), bytes.uleb())
    else if (opcode === OPCODE.offsetExtendedSigned) this.#save(bytes.uleb(), bytes.sleb())
    else if (opcode === OPCODE.restoreExtended) this.#restore(bytes.uleb())
    else if (opcode === OPCODE.undefined || opcode === OPCODE.sameValue) this.#state.saved.delete(bytes.uleb())
    else if (opcode === OPCODE.expression) {
      this.#state.saved.delete(bytes.uleb())
      bytes.skip(bytes.uleb())
    } else return false
    return true
  }

  #runFrame(opcode: number, bytes: EncodedBytes): boolean {
    const { dataAlignment } = this.#common
    if (opcode === OPCODE.rememberState) this.#remembered.push(copyOf(this.#state))
    else if (opcode === OPCODE.restoreState) this.#state = this.#remembered.pop() ?? this.#state
    else if (opcode === OPCODE.frame) this.#setFrame(bytes.uleb(), bytes.uleb())
    else if (opcode === OPCODE.frameSigned) this.#setFrame(bytes.uleb(), bytes.sleb() * dataAlignment)
    else if (opcode === OPCODE.frameRegister) this.#setFrame(bytes.uleb(), this.#state.frameOffset)
    else if (opcode === OPCODE.frameOffset) this.#setFrame(this.#state.frameRegister, bytes.uleb())
    else if (opcode === OPCODE.frameOffsetSigned)
      this.#setFrame(this.#state.frameRegister, bytes.sleb() * dataAlignment)
    else if (opcode === OPCODE.frameExpression) {
      this.#setFrame(undefined, 0)
      bytes.skip(bytes.uleb())
    } else if (opcode === OPCODE.argumentsSize) bytes.uleb()
    else return opcode === OPCODE.negateSignedReturn
    return true
  }

  #setFrame(register: number | undefined, offset: number): void {
    this.#state.frameRegister = register
    this.#state.frameOffset = offset
  }

  #save(register: number, factor: number): void {
    this.#state.saved.set(register, factor * this.#common.dataAlignment)
  }

  #restore(register: number): void {
    const offset = this.#initial.saved.get(register)
    if (offset === undefined) this.#state.saved.delete(register)
    else this.#state.saved.set(register, offset)
  }
}

function copyOf({ frameRegister, frameOffset, saved }: State): State {
  return { frameRegister, frameOffset, saved: new Map(saved) }
}
