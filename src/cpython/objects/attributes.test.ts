import { describe, expect, test } from 'vitest'
import { openImages } from '../../../test/images/open-image.js'
import { findAttribute, readAttributes } from './attributes.js'
import { readStr } from './scalars/str.js'

describe.each(openImages())('$name', ({ runtime, expected }) => {
  const { instances } = expected.objects

  test.each(Object.entries(instances))('own attributes: %s', (_, [address, attributes]) => {
    const read = readAttributes(runtime, address).map(({ key, value }) => [readStr(runtime, key), value])
    expect(read).toEqual(attributes)
  })

  test('one of them by its name', () => {
    const [address, attributes] = instances.forty!
    expect(findAttribute(runtime, address, 'n39')).toBe(attributes[39]?.[1])
    expect(findAttribute(runtime, address, 'n40')).toBeUndefined()
    expect(findAttribute(runtime, instances.slots![0], 'slot')).toBeUndefined()
  })
})
