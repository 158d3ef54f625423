import { describe, expect, test } from 'vitest'
import { openImages } from '../../../test/images/open-image.js'
import { RecordedMemory } from '../../memory/recorded.js'
import { findVersion, supportedVersions } from '../versions/find-version.js'
import type { VersionModule } from '../versions/version-module.js'
import { readOffsetsTable } from './read.js'
import { COOKIE, HEAD_BYTES, parseTableHead } from './schema.js'

const HUGE = 2 ** 40
const images = openImages()
const moduleOf = (name: string) => findVersion(name) as VersionModule

/** The table of an image with one word changed. */
function readChanged({ pages, facts }: (typeof images)[number], at: number, value: number) {
  const memory = new RecordedMemory(pages)
  const word = Buffer.alloc(8)
  word.writeBigUInt64LE(BigInt(value))
  memory.write(facts.runtime + at, word)
  return readOffsetsTable(memory, facts.runtime)
}

test.each(supportedVersions)('the schema of %s is as long as its table', (name) => {
  const { schema, tableBytes } = moduleOf(name)
  expect(HEAD_BYTES + Object.values(schema).flat().length * 8).toBe(tableBytes)
})

test('a table without the cookie is none', () => {
  const head = Buffer.concat([COOKIE, Buffer.alloc(16)])
  expect(parseTableHead(head)).toEqual({ versionHex: 0, freeThreaded: false })
  expect(parseTableHead(head.subarray(1))).toBeUndefined()
  expect(parseTableHead(Buffer.alloc(24))).toBeUndefined()
  head[16] = 1
  expect(parseTableHead(head)?.freeThreaded).toBe(true)
})

describe.each(images)('$name', (image) => {
  const { runtime, facts } = image
  const { schema } = moduleOf(runtime.version.name)
  const fields = Object.entries(schema).flatMap(([group, names]) => names.map((field) => ({ group, field })))
  const places = fields.map((place, index) => ({ ...place, at: HEAD_BYTES + index * 8 }))

  test('has the object layout of a build with the GIL', () => {
    expect(runtime.freeThreaded).toBe(false)
    expect(runtime.offsets.pyobject).toEqual({ size: 16, ob_type: 8 })
    expect(runtime.offsets.debugger_support).toMatchObject({
      debugger_pending_call: 0,
      debugger_script_path: 4,
      debugger_script_path_size: 512,
    })
  })

  test.each([
    ['3.13', 0x030d00f0],
    ['3.16', 0x031000f0],
    ['4.14', 0x040e00f0],
    ['a release candidate', (image.expected.versionHex & 0xffffff00) + 0xc2],
  ])('is not read as %s', (_, versionHex) => {
    expect(() => readChanged(image, 8, versionHex)).toThrow(expect.objectContaining({ code: 'PYTHON_UNSUPPORTED' }))
  })

  test('is not read without its cookie, nor from elsewhere', () => {
    expect(() => readChanged(image, 0, 7)).toThrow(expect.objectContaining({ code: 'PYTHON_UNSUPPORTED' }))
    expect(() => readOffsetsTable(runtime.memory, 0x1000)).toThrow(
      expect.objectContaining({ code: 'MEMORY_UNREADABLE' }),
    )
    expect(readOffsetsTable(runtime.memory, facts.runtime).offsets).toEqual(runtime.offsets)
  })

  test('is not believed with a field far outside, each in its turn', () => {
    for (const { group, field, at } of places) {
      // A number of bytes elsewhere, which nothing is read by.
      if (field === 'generation_stats_size') continue
      expect(() => readChanged(image, at, HUGE), `${group}.${field}`).toThrow(
        expect.objectContaining({ code: 'RUNTIME_CORRUPT' }),
      )
    }
  })

  test('is not believed with an offset at the very end of its structure, each in its turn', () => {
    const offsets = runtime.offsets as unknown as Record<string, Record<string, number>>
    for (const { group, field, at } of places) {
      const size = offsets[group]?.size
      if (size === undefined || field === 'size' || field === 'generation_stats_size') continue
      expect(() => readChanged(image, at, size), `${group}.${field}`).toThrow(
        expect.objectContaining({ code: 'RUNTIME_CORRUPT' }),
      )
    }
  })

  test('is not believed with an offset that is not aligned', () => {
    const odd = places.filter(
      ({ field }) => !/size|owner|gi_frame_state|enabled$|debugger_script_path|remote_debugger_support/.test(field),
    )
    for (const { group, field, at } of odd) {
      expect(() => readChanged(image, at, 2), `${group}.${field}`).toThrow(
        expect.objectContaining({ code: 'RUNTIME_CORRUPT' }),
      )
    }
  })

  test('is not believed with a field from which others are computed that then lie outside', () => {
    const { code_object, thread_state, unicode_object, type_object } = runtime.offsets
    const publishes = (group: string, field: string): boolean => schema[group]?.includes(field) === true
    const edges = [
      ['code_object', 'argcount', 0],
      ['code_object', 'argcount', code_object.size - 8],
      ['code_object', 'firstlineno', code_object.size - 8],
      ['thread_state', 'status', thread_state.size - 8],
      // Where the table publishes what is computed elsewhere, the field itself has to lie outside.
      [
        'unicode_object',
        'asciiobject_size',
        publishes('unicode_object', 'compactunicodeobject_size') ? unicode_object.size : unicode_object.size - 16,
      ],
      ['type_object', 'tp_name', publishes('type_object', 'tp_basicsize') ? type_object.size : type_object.size - 8],
    ] as const
    for (const [group, field, value] of edges) {
      const { at } = places.find((place) => place.group === group && place.field === field)!
      expect(() => readChanged(image, at, value), field).toThrow(expect.objectContaining({ code: 'RUNTIME_CORRUPT' }))
    }
  })

  test('says which field it is', () => {
    const { at } = places.find(({ field }) => field === 'eval_breaker')!
    expect(() => readChanged(image, at, HUGE)).toThrow(
      expect.objectContaining({ details: { group: 'debugger_support', field: 'eval_breaker', value: HUGE } }),
    )
  })

  test('is not believed with a request whose flag lies within its path', () => {
    const { at } = places.find(({ field }) => field === 'debugger_pending_call')!
    expect(() => readChanged(image, at, 64)).toThrow(expect.objectContaining({ code: 'RUNTIME_CORRUPT' }))
  })
})
