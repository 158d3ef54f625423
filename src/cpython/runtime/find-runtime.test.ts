import { describe, expect, test } from 'vitest'
import { buildElf, DATA_OFFSET, RUNTIME_ADDRESS, TEXT_ADDRESS } from '../../../test/elf-builder.js'
import { FakeMemory } from '../../../test/fake-memory.js'
import { openImages } from '../../../test/images/open-image.js'
import { groupByFile, type Mapping, parseMaps } from '../../process/maps.js'
import { findRuntime } from './find-runtime.js'

const images = openImages()
const [image] = images as [(typeof images)[number]]
/** The head of a true runtime, up to and with its list of interpreters. */
const headBytes = image.runtime.offsets.runtime_state.interpreters_head + 8
const runtimeHead = image.runtime.memory.read(image.facts.runtime, headBytes)

test.each(images)('finds the runtime of $name in its memory alone', ({ runtime, facts }) => {
  expect(runtime.address).toBe(facts.runtime)
  expect(runtime.file).toMatch(/python3\.1\d/)
})

describe('in a process made up for the test', () => {
  /** Maps a file of two segments at `base`, of which only the memory is left. */
  const map = (memory: FakeMemory, elf: Buffer, { base = 0x7000_0000, path = '/srv/app' } = {}): Mapping[] => {
    const [text, data] = [base + TEXT_ADDRESS, base + TEXT_ADDRESS + 0x5000]
    memory.placeAt(text, elf.subarray(0, 0x1000))
    memory.placeAt(data, elf.subarray(DATA_OFFSET, DATA_OFFSET + 0x1000))
    const common = { device: 'fe:00', inode: base + 1, path, deleted: true }
    return [
      { ...common, start: text, end: text + 0x1000, permissions: 'r-xp', offset: 0 },
      { ...common, start: data, end: data + 0x1000, permissions: 'rw-p', offset: DATA_OFFSET },
    ]
  }
  const find = (memory: FakeMemory, mappings: Mapping[]) => findRuntime({ pid: 0, memory, mappings })
  const stripped = (symbols: Record<string, number> = {}) => buildElf({ symbols, stripped: true })

  test('nothing is mapped, or nothing that is Python', () => {
    const memory = new FakeMemory()
    expect(() => find(memory, [])).toThrow(expect.objectContaining({ code: 'NOT_PYTHON' }))
    expect(() => find(memory, map(memory, stripped()))).toThrow(expect.objectContaining({ code: 'NOT_PYTHON' }))
    expect(() => find(memory, map(memory, Buffer.alloc(0x4000)))).toThrow(
      expect.objectContaining({ code: 'NOT_PYTHON' }),
    )
  })

  test('by the dynamic symbol, whatever the file is called', () => {
    const memory = new FakeMemory()
    const address = RUNTIME_ADDRESS + 0x400
    const mappings = map(memory, stripped({ _PyRuntime: address }), { base: 0 })
    memory.placeAt(RUNTIME_ADDRESS, Buffer.from('xdebugpy is only a word here'))
    memory.placeAt(address, runtimeHead)
    expect(find(memory, mappings)).toMatchObject({ address, file: '/srv/app' })
  })

  test('by its cookie in writable memory, at an address where a runtime can be', () => {
    const memory = new FakeMemory()
    const base = 0x7000_0000
    const mappings = map(memory, stripped(), { base })
    memory.placeAt(base + TEXT_ADDRESS + 0x800, runtimeHead)
    memory.placeAt(base + RUNTIME_ADDRESS + 0x28, Buffer.from('xdebugpy'))
    memory.placeAt(base + RUNTIME_ADDRESS + 0x40, runtimeHead)
    expect(find(memory, mappings).address).toBe(base + RUNTIME_ADDRESS + 0x40)
  })

  test('one that is initialised before one that is not', () => {
    const memory = new FakeMemory()
    const [first, second] = [0x7000_0000, 0x7100_0000]
    const idle = map(memory, stripped(), { base: first, path: '/usr/bin/python3.14' })
    memory.placeAt(first + RUNTIME_ADDRESS, runtimeHead)
    memory.placeAt(first + RUNTIME_ADDRESS + headBytes - 8, Buffer.alloc(8))
    expect(() => find(memory, idle)).toThrow(
      expect.objectContaining({ code: 'NOT_PYTHON', message: expect.stringContaining('not initialised') }),
    )
    const busy = map(memory, stripped(), { base: second, path: '/srv/app' })
    memory.placeAt(second + RUNTIME_ADDRESS, runtimeHead)
    expect(find(memory, [...idle, ...busy]).file).toBe('/srv/app')
  })

  test('beside a file whose headers are broken, which is not taken for a Python', () => {
    const memory = new FakeMemory()
    const tooManyHeaders = stripped()
    tooManyHeaders.writeUInt16LE(0xffff, 56)
    const broken = map(memory, tooManyHeaders, { path: '/usr/bin/python3.14' })
    expect(() => find(memory, broken)).toThrow(expect.objectContaining({ code: 'NOT_PYTHON' }))
    const sound = map(memory, stripped(), { base: 0x7100_0000 })
    memory.placeAt(0x7100_0000 + RUNTIME_ADDRESS, runtimeHead)
    expect(find(memory, [...broken, ...sound]).file).toBe('/srv/app')
  })

  test('of an unsupported version: says so, with the process and the file', () => {
    const memory = new FakeMemory()
    const mappings = map(memory, stripped())
    const head = Buffer.from(runtimeHead)
    head.writeUInt32LE(0x030d00f0, 8)
    memory.placeAt(0x7000_0000 + RUNTIME_ADDRESS, head)
    expect(() => find(memory, mappings)).toThrow(
      expect.objectContaining({
        code: 'PYTHON_UNSUPPORTED',
        message: 'process 0 (/srv/app): Python 3.13.0 is not supported',
      }),
    )
  })
})

test('a file that was found to hold none is not looked at again', () => {
  const mappings = parseMaps(image.facts.maps)
  const locations = new Map(groupByFile(mappings).map(({ key }) => [key, null]))
  const { memory } = image.runtime
  expect(() => findRuntime({ pid: 0, memory, mappings, locations })).toThrow(
    expect.objectContaining({ code: 'NOT_PYTHON' }),
  )
})
