// CPython 3.15. Follows Include/internal/pycore_{debug_offsets,interpframe_structs,interp_structs,ceval,gil}.h,
// Include/cpython/{pystate,code,funcobject,object}.h and Modules/_asynciomodule.c at v3.15.0.

import type { AsyncioOffsets } from '../asyncio/asyncio-offsets.js'
import type { Offsets } from '../debug-offsets/offsets.js'
import type { Decoded } from '../debug-offsets/schema.js'
import type { Build, PythonFacts, VersionModule } from './version-module.js'

/** `_Py_DebugOffsets` behind its head: one u64 a field. */
const schema = {
  runtime_state: ['size', 'finalizing', 'interpreters_head'],
  interpreter_state: [
    'size',
    'id',
    'next',
    'threads_head',
    'threads_main',
    'gc',
    'imports_modules',
    'sysdict',
    'builtins',
    'ceval_gil',
    'gil_runtime_state',
    'gil_runtime_state_enabled',
    'gil_runtime_state_locked',
    'gil_runtime_state_holder',
    'code_object_generation',
    'tlbc_generation',
  ],
  thread_state: [
    'size',
    'prev',
    'next',
    'interp',
    'current_frame',
    'base_frame',
    'last_profiled_frame',
    'last_profiled_frame_seq',
    'thread_id',
    'native_thread_id',
    'datastack_chunk',
    'status',
    'holds_gil',
    'gil_requested',
    'current_exception',
    'exc_state',
  ],
  err_stackitem: ['exc_value'],
  interpreter_frame: [
    'size',
    'previous',
    'executable',
    'instr_ptr',
    'localsplus',
    'owner',
    'stackpointer',
    'tlbc_index',
  ],
  code_object: [
    'size',
    'filename',
    'name',
    'qualname',
    'linetable',
    'firstlineno',
    'argcount',
    'localsplusnames',
    'localspluskinds',
    'co_code_adaptive',
    'co_tlbc',
  ],
  pyobject: ['size', 'ob_type'],
  type_object: ['size', 'tp_name', 'tp_repr', 'tp_flags', 'tp_basicsize', 'tp_dictoffset'],
  heap_type_object: ['size', 'ht_cached_keys'],
  tuple_object: ['size', 'ob_item', 'ob_size'],
  list_object: ['size', 'ob_item', 'ob_size'],
  set_object: ['size', 'used', 'table', 'mask'],
  dict_object: ['size', 'ma_keys', 'ma_values'],
  float_object: ['size', 'ob_fval'],
  long_object: ['size', 'lv_tag', 'ob_digit'],
  bytes_object: ['size', 'ob_size', 'ob_sval'],
  unicode_object: ['size', 'state', 'length', 'asciiobject_size', 'compactunicodeobject_size'],
  gc: ['size', 'collecting', 'frame', 'generation_stats_size', 'generation_stats'],
  gen_object: ['size', 'gi_name', 'gi_iframe', 'gi_frame_state'],
  llist_node: ['next', 'prev'],
  debugger_support: [
    'eval_breaker',
    'remote_debugger_support',
    'remote_debugging_enabled',
    'debugger_pending_call',
    'debugger_script_path',
    'debugger_script_path_size',
  ],
} as const

type Published = Decoded<typeof schema>

export const python315: VersionModule = { name: '3.15', schema, tableBytes: 888, complete, describe }

/** What the table leaves out, from what lies beside it: so it follows a build whose structures moved as a whole. */
function complete(published: Published): Offsets {
  const { interpreter_state, thread_state, interpreter_frame, code_object, type_object } = published
  const { heap_type_object, dict_object, gen_object } = published
  return {
    ...published,
    interpreter_state: { ...interpreter_state, gil_switch_number: interpreter_state.gil_runtime_state_locked + 8 },
    thread_state: {
      ...thread_state,
      state: thread_state.status + 16,
      context_ver: thread_state.datastack_chunk - 16,
      datastack_top: thread_state.datastack_chunk + 8,
      exc_info: thread_state.current_exception + 8,
    },
    code_object: {
      ...code_object,
      co_flags: code_object.argcount - 4,
      co_posonlyargcount: code_object.argcount + 4,
      co_kwonlyargcount: code_object.argcount + 8,
      co_nlocalsplus: code_object.firstlineno + 4,
      co_framesize: code_object.firstlineno + 8,
      co_firsttraceable: code_object.firstlineno + 124,
    },
    interpreter_frame: {
      ...interpreter_frame,
      f_funcobj: interpreter_frame.executable + 16,
      f_globals: interpreter_frame.executable + 24,
      f_locals: interpreter_frame.executable + 40,
      frame_obj: interpreter_frame.executable + 48,
    },
    dict_object: { ...dict_object, ma_used: dict_object.ma_keys - 16 },
    gen_object: { ...gen_object, gi_qualname: gen_object.gi_name + 8 },
    type_object: {
      ...type_object,
      tp_itemsize: type_object.tp_name + 16,
      tp_weaklistoffset: type_object.tp_name + 184,
      tp_members: type_object.tp_name + 216,
      tp_base: type_object.tp_name + 232,
      tp_dict: type_object.tp_name + 240,
      tp_bases: type_object.tp_name + 312,
      tp_mro: type_object.tp_name + 320,
      tp_cache: type_object.tp_name + 328,
    },
    heap_type_object: {
      ...heap_type_object,
      ht_qualname: heap_type_object.ht_cached_keys - 8,
      ht_module: heap_type_object.ht_cached_keys + 8,
    },
  }
}

function describe(_: Build, { gc }: Published): PythonFacts {
  return {
    frames: {
      // FRAME_OWNED_BY_INTERPRETER, as which a thread's base frame counts too (pycore_interpframe_structs.h).
      firstEntryOwner: 3,
      lastOwner: 3,
      references: { tagMask: 3, firstMarker: 2 },
      // One more slot lies above it.
      awaitedBelowTop: 16,
      // FOR_ITER, SEND, FOR_ITER_GEN, SEND_GEN, INSTRUMENTED_LINE (opcode_ids.h).
      resuming: new Set([68, 105, 174, 203, 253]),
    },
    generatorStates: { suspended: [0, 1], awaiting: [2, 3], executing: [4], cleared: [5] },
    // `finalizing`, `cleared`, `finalized` (pystate.h).
    threadStatus: { initialized: 1 << 0, ending: (1 << 5) | (1 << 6) | (1 << 7) },
    // pycore_ceval.h
    evalBreaker: { signalsPending: 1 << 1, callsToDo: 1 << 2, asyncException: 1 << 3, pleaseStop: 1 << 5 },
    collector: {
      generations: 4,
      generationBytes: 24,
      movesOneWay: true,
      fullCollections: {
        place: 'end-of-rings',
        pointer: gc.generation_stats,
        size: gc.generation_stats_size,
        bytes: oldRingBytes(gc.generation_stats_size),
      },
    },
    asyncio: { schema: asyncioSchema, tableBytes: 104, complete: completeAsyncio },
    text: {
      unicode: 17,
      bytearrayEscapesQuotes: false,
      objectMethodsNameOwner: false,
      typeAliasIsQualified: true,
      closesDescriptorBit: 128,
    },
  }
}

/** A ring of 11 statistics for the youngest generation, two of 3, and behind each ring where it stands. */
function oldRingBytes(size: number): number {
  const itemBytes = (size - 3 * 8) / (11 + 2 * 3)
  return 3 * itemBytes + 8
}

/** Py_AsyncioModuleDebugOffsets. */
const asyncioSchema = {
  task: ['size', 'task_name', 'task_awaited_by', 'task_is_task', 'task_awaited_by_is_set', 'task_coro', 'task_node'],
  interpreter_state: ['size', 'asyncio_tasks_head'],
  thread_state: ['size', 'asyncio_running_loop', 'asyncio_running_task', 'asyncio_tasks_head'],
} as const

/** What lies beside the published fields of a task (FutureObj_HEAD, TaskObj). */
function completeAsyncio(published: Decoded<typeof asyncioSchema>, header: number): AsyncioOffsets {
  const { task } = published
  return {
    ...published,
    future: {
      size: Math.max(task.task_awaited_by + 8, task.task_awaited_by_is_set + 1),
      fut_loop: header,
      fut_state: task.task_is_task - 4,
    },
    derived: { task_fut_waiter: task.task_coro - 8, task_num_cancels_requested: task.task_is_task + 4 },
  }
}
