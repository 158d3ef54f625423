// The one check of a table before anything is read or written through it. The table is the target's memory, and so
// untrusted: an offset must lie inside its structure, be aligned for what is read there, and sizes must be credible.

import { RemoraError } from '../../errors/remora-error.js'
import type { DerivedOffsets } from './derived-offsets.js'
import type { DebugOffsets, OffsetsSchema } from './schema.js'

const MIN_STRUCT_BYTES = 16
const MAX_STRUCT_BYTES = 4 * 1024 * 1024
const MAX_SCRIPT_PATH_BYTES = 4096
/** Structures whose size is not published (a list node, an exception item) are pairs of pointers. */
const PAIR_BYTES = 16

/** Fields that are read as single bytes, or as 4-byte integers; all others are 8-byte aligned. */
const BYTE_FIELDS = new Set(['owner', 'gi_frame_state', 'gil_runtime_state_enabled'])
const INT_FIELDS = new Set([
  'gil_runtime_state_locked',
  'status',
  'tlbc_index',
  'tlbc_generation',
  'firstlineno',
  'argcount',
  'state',
  'collecting',
  'holds_gil',
  'gil_requested',
])
/** Values that are no offsets within their group's own structure. */
const NOT_OFFSETS = new Set(['size', 'generation_stats_size'])
/** Structures that begin with an object header and go on behind it. */
const OBJECT_GROUP = /_object$/

/** @throws RemoraError `RUNTIME_CORRUPT` naming the first field that cannot be right. */
export function validateOffsets(offsets: DebugOffsets, schema: OffsetsSchema): void {
  for (const [group, fields] of Object.entries(schema)) {
    if (group === 'debugger_support') continue
    const values = (offsets as unknown as Record<string, Record<string, number>>)[group] ?? {}
    const size = values.size ?? PAIR_BYTES
    const least = OBJECT_GROUP.test(group) ? offsets.pyobject.size + 8 : MIN_STRUCT_BYTES
    if (!(size >= least && size <= MAX_STRUCT_BYTES)) throw corrupt(group, 'size', size)
    for (const field of fields) {
      if (!NOT_OFFSETS.has(field)) checkOffset(group, field, values[field] ?? Number.NaN, size)
    }
  }
  validateDebuggerSupport(offsets)
}

/** The same for offsets that were computed from others, all of which are read from copies of their structures. */
export function validateDerived(offsets: DebugOffsets, derived: DerivedOffsets): void {
  // What only classes made at run time have lies behind the structure, and is read by itself.
  const { ht_cached_keys: _, ht_qualname: __, ...type_object } = derived.type_object
  for (const [group, fields] of Object.entries({ ...derived, type_object })) {
    const { size } = offsets[group as keyof DerivedOffsets]
    for (const [field, value] of Object.entries(fields)) {
      if (!(value >= 0 && value + 8 <= size)) throw corrupt(group, field, value)
    }
  }
}

function validateDebuggerSupport({ debugger_support: support, thread_state, interpreter_state }: DebugOffsets): void {
  const { debugger_pending_call, debugger_script_path, debugger_script_path_size: pathBytes } = support
  if (!(pathBytes >= 16 && pathBytes <= MAX_SCRIPT_PATH_BYTES)) {
    throw corrupt('debugger_support', 'debugger_script_path_size', pathBytes)
  }
  const area = debugger_script_path + pathBytes
  checkOffset('debugger_support', 'eval_breaker', support.eval_breaker, thread_state.size)
  if (!(support.remote_debugger_support + area <= thread_state.size)) {
    throw corrupt('debugger_support', 'remote_debugger_support', support.remote_debugger_support)
  }
  const enabled = support.remote_debugging_enabled
  if (!(enabled % 4 === 0 && enabled + 4 <= interpreter_state.size)) {
    throw corrupt('debugger_support', 'remote_debugging_enabled', enabled)
  }
  const inPath = debugger_pending_call + 4 > debugger_script_path && debugger_pending_call < area
  const end = support.remote_debugger_support + debugger_pending_call + 4
  if (!(debugger_pending_call % 4 === 0 && !inPath && end <= thread_state.size)) {
    throw corrupt('debugger_support', 'debugger_pending_call', debugger_pending_call)
  }
}

/** Throws unless what is read at `value` lies inside its structure of `size` bytes, and is aligned. */
function checkOffset(group: string, field: string, value: number, size: number): void {
  const width = BYTE_FIELDS.has(field) ? 1 : INT_FIELDS.has(field) ? 4 : 8
  if (!(value >= 0 && value + width <= size && value % width === 0)) throw corrupt(group, field, value)
}

function corrupt(group: string, field: string, value: number): RemoraError {
  return new RemoraError(
    'RUNTIME_CORRUPT',
    `the interpreter's debug offsets are broken: ${group}.${field} is ${value}`,
    {
      group,
      field,
      value,
    },
  )
}
