import { expect, test } from 'vitest'
import { structure } from '../../../test/fake-memory.js'
import { fakeRuntime } from '../../../test/fake-objects.js'
import { openImages } from '../../../test/images/open-image.js'
import { PAGE_BYTES } from '../../memory/page.js'
import { HEAP_TYPE, INT_SUBCLASS, readType, readTypeOf, STR_SUBCLASS } from './type.js'

test.each(openImages())('the types of objects of $name', ({ runtime, expected }) => {
  const { instances } = expected.objects
  expect(readTypeOf(runtime, instances.inline![0])).toMatchObject({ name: 'Plain', basicSize: 16, dictOffset: -1 })
  expect(readTypeOf(runtime, instances.int![0])).toMatchObject({ name: 'IntWithAttributes' })
  expect(readTypeOf(runtime, instances.int![0]).flags & (INT_SUBCLASS | HEAP_TYPE)).toBe(INT_SUBCLASS | HEAP_TYPE)
  expect(readTypeOf(runtime, instances.object![0])).toMatchObject({ name: 'object', cachedKeys: 0, dictOffset: 0 })
  expect(readTypeOf(runtime, instances.partial![0]).dictOffset).toBeGreaterThan(0)
  const [[key]] = Object.values(expected.objects.dicts).flatMap(([, entries]) => entries) as [[number, number]]
  expect(readTypeOf(runtime, key).flags & STR_SUBCLASS).toBe(STR_SUBCLASS)
})

test('a name that ends with its page, and one that never ends', () => {
  const runtime = fakeRuntime()
  const fields = runtime.offsets.type_object
  const nameAt = (address: number, bytes: Buffer) => {
    runtime.memory.placeAt(address, bytes)
    return readType(runtime, runtime.memory.place(structure(fields.size, { [fields.tp_name]: address }))).name
  }
  const page = 0x900 * PAGE_BYTES
  // Nothing is mapped behind this page.
  expect(nameAt(page + PAGE_BYTES - 8, Buffer.from('Größe\0'))).toBe('Größe')
  expect(() => runtime.memory.read(page + PAGE_BYTES, 1)).toThrow()
  const next = page + 4 * PAGE_BYTES
  expect(nameAt(next - 3, Buffer.from('abcdef\0'))).toBe('abcdef')
  expect(nameAt(next + PAGE_BYTES - 3, Buffer.alloc(2000, 'x'))).toHaveLength(512)
})
