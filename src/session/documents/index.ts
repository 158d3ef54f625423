// What the library returns and `--json` prints: plain objects, one type a document. The JSON Schemas of the package are
// generated from the types of this folder. Fields may be added, never renamed. Times are ISO strings or milliseconds.

export type { Variable } from '../../cpython/values/variable.js'
export type * from './common.js'
export type * from './failure.js'
export type * from './machine.js'
export type * from './profile.js'
export type * from './reading.js'
export type * from './running.js'
export type * from './trace.js'
