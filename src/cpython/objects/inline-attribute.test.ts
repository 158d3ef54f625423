// The attribute that is found the short way is the one that is found the usual way, for every object of the images.

import { describe, expect, test } from 'vitest'
import { openImages } from '../../../test/images/open-image.js'
import { findAttribute } from './attributes.js'
import { InlineAttribute } from './inline-attribute.js'

describe.each(openImages())('$name', ({ runtime, expected }) => {
  test.each(['first', 'second', 'n7', 'unit', 'nothing'])('%s of all instances, in turns and in a row', (name) => {
    const attribute = new InlineAttribute(runtime, name)
    const addresses = Object.values(expected.objects.instances).map(([address]) => address)
    for (const address of [...addresses, ...addresses, ...addresses.flatMap((one) => [one, one])]) {
      expect(attribute.find(address)).toBe(findAttribute(runtime, address, name))
    }
  })
})
