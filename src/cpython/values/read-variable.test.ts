// Values of the recorded images: what is read of each is what the program's own repr() said.

import { describe, expect, test } from 'vitest'
import { openImages } from '../../../test/images/open-image.js'
import { readValues } from '../../../test/images/read-everything.js'

describe.each(openImages())('$name', ({ runtime, expected }) => {
  test('recorded values read like their repr()', () => {
    expect(expected.values.length).toBeGreaterThan(55)
    const variables = readValues(runtime, expected)
    expect(variables.map(({ text }) => text)).toEqual(expected.values.map(([, text]) => text))
  })
})
