// The versions of CPython that Remora knows, one line each (docs/new-cpython.md).

export { python314 } from './3-14.js'
export { python315 } from './3-15.js'
