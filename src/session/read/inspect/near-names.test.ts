import { expect, test } from 'vitest'
import { findNear } from './near-names.js'

test.each([
  ['DEBIG', ['DEBUG', 'LEVEL'], ['DEBUG']],
  ['debug', ['DEBUG'], ['DEBUG']],
  ['conf', ['config', 'cone', 'other'], ['config', 'cone']],
  ['x', ['y', 'abc'], ['y']],
  ['nothing', ['everything'], []],
  ['name', [], []],
])('%s among %j', (name, names, near) => {
  expect(findNear(name, names)).toEqual(near)
})
