// The cases were seen on a kernel with yama, in a virtual machine.

import { expect, test } from 'vitest'
import { explainDenial } from './permission.js'

const user = { uid: 1000, yamaScope: 0, ptraceCapability: false, userNamespace: false }
const root = { ...user, uid: 0, ptraceCapability: true }

test.each([
  ['a process of another user', 1001, user, { owner: true }],
  ['a kernel without yama', 1001, { ...user, yamaScope: undefined }, { owner: true }],
  [
    'another user, where being the owner is not enough',
    1001,
    { ...user, yamaScope: 1 },
    { owner: false, yamaScope: 1 },
  ],
  ['an own process that is no child', 1000, { ...user, yamaScope: 1 }, { yamaScope: 1 }],
  ['an own process, for administrators only', 1000, { ...user, yamaScope: 2 }, { yamaScope: 2 }],
  ['a process of another user, for nobody', 1001, { ...user, yamaScope: 3 }, { yamaScope: 3 }],
  ['root, for nobody', 1000, { ...root, yamaScope: 3 }, { yamaScope: 3 }],
  ['root in a container', 0, { ...root, ptraceCapability: false }, { container: true }],
  [
    'root in a container, with yama',
    1000,
    { ...root, ptraceCapability: false, yamaScope: 1 },
    { yamaScope: 1, container: true },
  ],
  ['root of a user namespace, for a target outside', 65534, { ...root, userNamespace: true }, { userNamespace: true }],
  ['root, by something else', 0, root, {}],
] as const)('%s', (_, uid, asker, denial) => {
  expect(explainDenial(uid, asker)).toEqual(denial)
})
