import { expect, test } from 'vitest'
import { openDrawnImages } from '../../../test/images/free-threaded/open-drawn.js'

test.each(openDrawnImages())('the offsets computed for $name are those of the compiler', ({ runtime, layout }) => {
  const { version, ...told } = layout
  expect(runtime).toMatchObject({ freeThreaded: true, version: { text: version } })
  expect(runtime.offsets.pyobject).toEqual({ size: 32, ob_type: 24 })
  const computed = Object.entries(runtime.derived).flatMap(([group, fields]) =>
    Object.entries(fields).map(([field, offset]) => [`${group}.${field}`, offset]),
  )
  const underlined = (name: string): string => name.replace('._', '.')
  expect(Object.fromEntries(computed)).toEqual(
    Object.fromEntries(Object.entries(told).map(([name, offset]) => [underlined(name), offset])),
  )
})
