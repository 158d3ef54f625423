// The one check of all offsets before anything is read or written through them, whether a table of the target says them
// or they were computed from it. Such a table is the target's memory, and so untrusted: an offset must lie inside its
// structure, be aligned for what is read there, and sizes must be credible.

import { RemoraError } from '../../errors/remora-error.js'
import type { Offsets } from './offsets.js'

const MIN_STRUCT_BYTES = 16
const MAX_STRUCT_BYTES = 4 * 1024 * 1024
const MAX_SCRIPT_PATH_BYTES = 4096
/** Structures whose size is not published (a list node, an exception item) are pairs of pointers. */
const PAIR_BYTES = 16

/** Bytes of the fields that are no words of eight. */
const WIDTHS: Readonly<Record<string, number>> = {
  owner: 1,
  gi_frame_state: 1,
  gil_runtime_state_enabled: 1,
  task_is_task: 1,
  task_awaited_by_is_set: 1,
  gil_runtime_state_locked: 4,
  status: 4,
  state: 4,
  tlbc_index: 4,
  tlbc_generation: 4,
  firstlineno: 4,
  argcount: 4,
  co_flags: 4,
  co_nlocalsplus: 4,
  co_posonlyargcount: 4,
  co_kwonlyargcount: 4,
  co_framesize: 4,
  co_firsttraceable: 4,
  collecting: 4,
  holds_gil: 4,
  gil_requested: 4,
  fut_state: 4,
  task_num_cancels_requested: 4,
  task_node: PAIR_BYTES,
  asyncio_tasks_head: PAIR_BYTES,
}
/** Values that are no offsets within their group's own structure. */
const NOT_OFFSETS = new Set(['size', 'generation_stats_size'])
/** Structures that begin with an object header and go on behind it. */
const OBJECT_GROUP = /_object$/

/** The fields of one structure: offsets, and `size`, which is that of the structure. */
export type OffsetsGroup = Readonly<Record<string, number | undefined>>

/** @throws RemoraError `RUNTIME_CORRUPT` naming the first field that cannot be right. */
export function validateOffsets(offsets: Offsets): void {
  const source = "the interpreter's debug offsets"
  for (const [group, fields] of Object.entries<OffsetsGroup>({ ...offsets })) {
    if (group === 'debugger_support') continue
    const least = OBJECT_GROUP.test(group) ? offsets.pyobject.size + 8 : MIN_STRUCT_BYTES
    validateGroup(fields, { source, group, least })
  }
  validateDebuggerSupport(offsets, source)
}

export interface GroupPlace {
  /** Whose offsets these are, as the error calls them. */
  readonly source: string
  readonly group: string
  /** What the structure must have, in bytes. */
  readonly least?: number
  /** Bytes at its start in which no field lies; a field that a build does not have may lie at 0. */
  readonly header?: number
}

/** @throws RemoraError `RUNTIME_CORRUPT` naming the first field of the group that cannot be right. */
export function validateGroup(fields: OffsetsGroup, place: GroupPlace): void {
  const { least = MIN_STRUCT_BYTES, header = 0 } = place
  const { size = PAIR_BYTES } = fields
  if (!(size >= least && size <= MAX_STRUCT_BYTES)) throw corrupt(place, 'size', size)
  for (const [field, value = Number.NaN] of Object.entries(fields)) {
    if (NOT_OFFSETS.has(field)) continue
    if (!(value >= header && isInside(field, value, size))) throw corrupt(place, field, value)
  }
}

function validateDebuggerSupport(
  { debugger_support: support, thread_state, interpreter_state }: Offsets,
  source: string,
): void {
  const place = { source, group: 'debugger_support' }
  const { debugger_pending_call, debugger_script_path, debugger_script_path_size: pathBytes } = support
  if (!(pathBytes >= 16 && pathBytes <= MAX_SCRIPT_PATH_BYTES)) {
    throw corrupt(place, 'debugger_script_path_size', pathBytes)
  }
  const area = debugger_script_path + pathBytes
  if (!isInside('eval_breaker', support.eval_breaker, thread_state.size)) {
    throw corrupt(place, 'eval_breaker', support.eval_breaker)
  }
  if (!(support.remote_debugger_support + area <= thread_state.size)) {
    throw corrupt(place, 'remote_debugger_support', support.remote_debugger_support)
  }
  const enabled = support.remote_debugging_enabled
  if (!(enabled % 4 === 0 && enabled + 4 <= interpreter_state.size)) {
    throw corrupt(place, 'remote_debugging_enabled', enabled)
  }
  const inPath = debugger_pending_call + 4 > debugger_script_path && debugger_pending_call < area
  const end = support.remote_debugger_support + debugger_pending_call + 4
  if (!(debugger_pending_call % 4 === 0 && !inPath && end <= thread_state.size)) {
    throw corrupt(place, 'debugger_pending_call', debugger_pending_call)
  }
}

/** Whether what is read at `value` lies inside its structure of `size` bytes, and is aligned. */
function isInside(field: string, value: number, size: number): boolean {
  const width = WIDTHS[field] ?? 8
  return value >= 0 && value + width <= size && value % Math.min(width, 8) === 0
}

/** What a field that cannot be right is answered with. */
export function corrupt({ source, group }: GroupPlace, field: string, value: number): RemoraError {
  return new RemoraError('RUNTIME_CORRUPT', `${source} are broken: ${group}.${field} is ${value}`, {
    group,
    field,
    value,
  })
}
