// The target's memory is untrusted: whatever lies where a value should be, reading it ends in a value that says so or in
// a RemoraError, within a bound of time. The memory is that of a live program, copied where the readers look and then
// damaged there. On a failure fast-check prints the seed and the smallest damage that it takes.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReferenceSearch } from '../../../src/cpython/heap/reference-search.js'
import { findAttribute, listAttributes } from '../../../src/cpython/values/names/find-inside.js'
import { nameReferences } from '../../../src/cpython/values/names/name-references.js'
import { readVariable } from '../../../src/cpython/values/read-variable.js'
import { ValueReader } from '../../../src/cpython/values/value-reader.js'
import { RemoraError } from '../../../src/errors/remora-error.js'
import { type Pages, RecordedMemory } from '../../../src/memory/recorded.js'
import { RecordingMemory } from '../../../src/memory/recording.js'
import type { MemoryRange, RemoteMemory } from '../../../src/memory/remote-memory.js'
import { attach, type Target } from '../../../src/session/attach.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget } from '../../harness/target.js'

/** For a longer hunt: REMORA_FUZZ_MS=60000 npx vitest run inspect-broken */
const ALL_CASES_MS = Number(process.env.REMORA_FUZZ_MS ?? 3_000)
/** Of CPU time. */
const ONE_CASE_MS = 2_000

interface Recorded {
  readonly address: number
  readonly pages: Pages
  readonly places: readonly MemoryRange[]
}

const damage = fc.record({
  value: fc.nat(),
  changes: fc.array(
    fc.record({
      place: fc.nat(),
      offset: fc.nat({ max: 4095 }),
      change: fc.oneof(
        fc.record({ flip: fc.integer({ min: 1, max: 255 }) }),
        fc.record({ word: fc.constantFrom(0n, 1n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 53n, 2n ** 40n, 2n ** 22n, 128n) }),
        // A pointer that is right, but elsewhere: rings, and objects taken for others.
        fc.record({ pointerTo: fc.nat() }),
      ),
    }),
    { minLength: 1, maxLength: 5 },
  ),
})
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never

test.each(interpreters)('$name', { timeout: ALL_CASES_MS + 30_000 }, async (interpreter) => {
  const program = await startTarget(interpreter, 'values.py')
  const told = (await program.says('values')) as [address: number, text: string][]
  await using target = await attach(program.pid)
  const recorded = told.map(([address]) => record(target, address))
  let cases = 0
  const property = fc.property(damage, ({ value, changes }) => {
    const one = recorded[value % recorded.length] as Recorded
    const before = process.cpuUsage()
    try {
      readAll({ ...target.runtime, memory: damaged(one, changes) }, one.address)
    } catch (error) {
      if (!(error instanceof RemoraError)) throw error
    }
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(ONE_CASE_MS)
    cases++
  })
  // A busy machine leaves it less time than that.
  do fc.assert(property, { numRuns: 10_000_000, interruptAfterTimeLimit: ALL_CASES_MS })
  while (cases <= 100)
  console.log(`${interpreter.name}: ${cases} readings of damaged values`)
})

function readAll(runtime: Target['runtime'], address: number): void {
  const reader = new ValueReader(runtime)
  JSON.stringify(readVariable(reader, { name: '', value: address }))
  listAttributes(reader, reader.at(address))
  findAttribute(reader, reader.at(address), 'nothing')
  nameReferences(reader, reader.at(address), address)
  const search = new ReferenceSearch(runtime, reader.classes, [address])
  search.visit({ address, type: reader.at(address).class.address, bytes: Buffer.of(), offset: 0 })
  search.prove()
}

/** The pages that reading the value takes, and where in them it looks. */
function record({ runtime }: Target, address: number): Recorded {
  const memory = new RecordingMemory(runtime.memory)
  const places: MemoryRange[] = []
  const noting: RemoteMemory = {
    read: (at, length) => {
      const bytes = memory.read(at, length)
      if (length > 0) places.push({ address: at, length })
      return bytes
    },
    readMany: (ranges) => memory.readMany(ranges),
    write: () => {},
    close: () => {},
  }
  readAll({ ...runtime, memory: noting }, address)
  return { address, pages: memory.copyPages(), places }
}

function damaged({ pages, places }: Recorded, changes: Damage['changes']): RecordedMemory {
  const memory = new RecordedMemory(pages)
  const at = (place: number) => places[place % places.length] as MemoryRange
  for (const { place, offset, change } of changes) {
    const { address, length } = at(place)
    if ('flip' in change) {
      const where = address + (offset % length)
      memory.write(where, Buffer.of((memory.read(where, 1)[0] as number) ^ change.flip))
      continue
    }
    const word = Buffer.alloc(8)
    word.writeBigUInt64LE('word' in change ? change.word : BigInt(at(change.pointerTo).address))
    const where = address + Math.floor((offset % length) / 8) * 8
    memory.write(where, word.subarray(0, Math.min(8, address + length - where)))
  }
  return memory
}
