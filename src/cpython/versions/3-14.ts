// CPython 3.14. Follows Include/internal/pycore_{debug_offsets,interpframe_structs,interp_structs,ceval,gil}.h,
// Include/cpython/{pystate,code,funcobject,object}.h and Modules/_asynciomodule.c at v3.14.0; the garbage collector at
// v3.14.8.

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
    'thread_id',
    'native_thread_id',
    'datastack_chunk',
    'status',
  ],
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
  type_object: ['size', 'tp_name', 'tp_repr', 'tp_flags'],
  tuple_object: ['size', 'ob_item', 'ob_size'],
  list_object: ['size', 'ob_item', 'ob_size'],
  set_object: ['size', 'used', 'table', 'mask'],
  dict_object: ['size', 'ma_keys', 'ma_values'],
  float_object: ['size', 'ob_fval'],
  long_object: ['size', 'lv_tag', 'ob_digit'],
  bytes_object: ['size', 'ob_size', 'ob_sval'],
  unicode_object: ['size', 'state', 'length', 'asciiobject_size'],
  gc: ['size', 'collecting'],
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

export const python314: VersionModule = { name: '3.14', schema, tableBytes: 760, complete, describe }

/** What the table leaves out, from what lies beside it: so it follows a build whose structures moved as a whole. */
function complete(published: Published): Offsets {
  const { interpreter_state, thread_state, interpreter_frame, code_object, type_object } = published
  const { dict_object, gen_object, unicode_object } = published
  return {
    ...published,
    interpreter_state: { ...interpreter_state, gil_switch_number: interpreter_state.gil_runtime_state_locked + 8 },
    thread_state: {
      ...thread_state,
      holds_gil: thread_state.status + 4,
      state: thread_state.status + 12,
      context_ver: thread_state.datastack_chunk - 16,
      datastack_top: thread_state.datastack_chunk + 8,
      exc_state: thread_state.datastack_chunk + 24,
      current_exception: thread_state.thread_id - 40,
      exc_info: thread_state.thread_id - 32,
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
      tp_basicsize: type_object.tp_name + 8,
      tp_itemsize: type_object.tp_name + 16,
      tp_weaklistoffset: type_object.tp_name + 184,
      tp_members: type_object.tp_name + 216,
      tp_base: type_object.tp_name + 232,
      tp_dict: type_object.tp_name + 240,
      tp_dictoffset: type_object.tp_name + 264,
      tp_bases: type_object.tp_name + 312,
      tp_mro: type_object.tp_name + 320,
      tp_cache: type_object.tp_name + 328,
    },
    heap_type_object: {
      size: type_object.size + 520,
      ht_qualname: type_object.size + 456,
      ht_cached_keys: type_object.size + 464,
      ht_module: type_object.size + 472,
    },
    unicode_object: { ...unicode_object, compactunicodeobject_size: unicode_object.asciiobject_size + 16 },
  }
}

function describe({ version }: Build): PythonFacts {
  return {
    frames: {
      // FRAME_OWNED_BY_INTERPRETER, FRAME_OWNED_BY_CSTACK (pycore_interpframe_structs.h).
      firstEntryOwner: 3,
      lastOwner: 4,
      references: { tagMask: 3, firstMarker: 2 },
      awaitedBelowTop: 8,
      // FOR_ITER, SEND, FOR_ITER_GEN, SEND_GEN, INSTRUMENTED_LINE (opcode_ids.h).
      resuming: new Set([70, 106, 171, 197, 254]),
    },
    generatorStates: { suspended: [-3, -2], awaiting: [-1], executing: [0], cleared: [1, 4] },
    // `finalizing`, `cleared`, `finalized` (pystate.h).
    threadStatus: { initialized: 1 << 0, ending: (1 << 5) | (1 << 6) | (1 << 7) },
    // pycore_ceval.h
    evalBreaker: { signalsPending: 1 << 1, callsToDo: 1 << 2, asyncException: 1 << 3, pleaseStop: 1 << 5 },
    collector: {
      generations: 4,
      generationBytes: 24,
      // Before 3.14.5 the old generations changed places, and objects moved both ways between them.
      movesOneWay: version.micro >= 5,
      // {collections, collected, uncollectable} of each generation, behind the last head.
      fullCollections: { place: 'behind-last-head', offset: 24 + 2 * 24, bytes: 24 },
    },
    asyncio: { schema: asyncioSchema, tableBytes: 104, complete: completeAsyncio },
    text: {
      unicode: 16,
      bytearrayEscapesQuotes: true,
      objectMethodsNameOwner: true,
      typeAliasIsQualified: false,
      closesDescriptorBit: 64,
    },
  }
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
