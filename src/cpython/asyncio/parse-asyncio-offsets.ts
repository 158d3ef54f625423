// The table in which the `_asyncio` module publishes the layout of its tasks, and of what it keeps in thread and
// interpreter states. It has neither cookie nor version, so that the check of its sense is the only proof that it is one.
// What is in it, and what follows from that, is the business of the target's version.

import type { OffsetsTable } from '../debug-offsets/read.js'
import { parseOffsets } from '../debug-offsets/schema.js'
import { corrupt, validateGroup } from '../debug-offsets/validate.js'
import type { AsyncioOffsets } from './asyncio-offsets.js'

const SOURCE = 'the offsets of the asyncio module'

/**
 * Decodes a table found in a process whose interpreter has `table`.
 * @throws RemoraError `RUNTIME_CORRUPT` naming the first field that cannot be right.
 */
export function parseAsyncioOffsets(bytes: Buffer, table: Pick<OffsetsTable, 'offsets' | 'facts'>): AsyncioOffsets {
  const { schema, complete } = table.facts.asyncio
  const header = table.offsets.pyobject.size
  const all = complete(parseOffsets(bytes, schema, 0), header)
  const { task, future, derived, interpreter_state, thread_state } = all
  validateGroup({ ...task, ...derived, fut_state: future.fut_state }, { source: SOURCE, group: 'task', header })
  validateGroup(interpreter_state, { source: SOURCE, group: 'interpreter_state' })
  validateGroup(thread_state, { source: SOURCE, group: 'thread_state' })
  // Both tables tell the size of the same structures; the thread state of this one is the larger one that contains it.
  if (interpreter_state.size !== table.offsets.interpreter_state.size) {
    throw corrupt({ source: SOURCE, group: 'interpreter_state' }, 'size', interpreter_state.size)
  }
  if (thread_state.size < table.offsets.thread_state.size) {
    throw corrupt({ source: SOURCE, group: 'thread_state' }, 'size', thread_state.size)
  }
  return all
}
