import { expect, test } from 'vitest'
import { openDrawnImages } from '../../../test/images/free-threaded/open-drawn.js'

test.each(openDrawnImages())('the offsets computed for $name are those of the compiler', ({ runtime, layout }) => {
  const { version, ...told } = layout
  expect(runtime).toMatchObject({ freeThreaded: true, version: { text: version } })
  expect(runtime.offsets.pyobject).toEqual({ size: 32, ob_type: 24 })
  const groups = runtime.offsets as unknown as Record<string, Record<string, number>>
  const computed = Object.keys(told).map((name) => {
    const [group = '', field = ''] = name.replace('._', '.').split('.')
    return [name, groups[field.startsWith('ht_') ? 'heap_type_object' : group]?.[field]]
  })
  expect(Object.fromEntries(computed)).toEqual(told)
})
