// Where the fields of CPython's structures lie in one target, by CPython's own names: what the table of debug offsets
// publishes, and what the module of its version computes from that. Whoever reads one does not see the difference, and
// all of them went through the same check.

type Group<Field extends string> = Readonly<Record<Field, number>>

/** `size` is the size of the structure; all else are offsets in bytes from its start. */
export interface Offsets {
  readonly runtime_state: Group<'size' | 'finalizing' | 'interpreters_head'>
  readonly interpreter_state: Group<
    | 'size'
    | 'id'
    | 'next'
    | 'threads_head'
    | 'threads_main'
    | 'gc'
    | 'imports_modules'
    | 'sysdict'
    | 'builtins'
    | 'ceval_gil'
    | 'gil_runtime_state'
    | 'gil_runtime_state_enabled'
    | 'gil_runtime_state_locked'
    | 'gil_runtime_state_holder'
    | 'code_object_generation'
    | 'tlbc_generation'
  > & {
    /** uint64: counts how often the interpreter's own GIL was taken by another thread than the one before. */
    readonly gil_switch_number: number
  }
  readonly thread_state: Group<
    | 'size'
    | 'prev'
    | 'next'
    | 'interp'
    | 'current_frame'
    | 'thread_id'
    | 'native_thread_id'
    | 'datastack_chunk'
    | 'datastack_top'
    | 'status'
    | 'holds_gil'
    | 'current_exception'
  > & {
    /** The frame at the bottom of every thread; absent where threads have none. */
    readonly base_frame?: number
    /** int32: 0 detached, 1 attached, 2 suspended, 3 shutting down. */
    readonly state: number
    /** uint64: counts how often the thread has entered or left a context. */
    readonly context_ver: number
    /** Pointer to the item of the innermost handler. */
    readonly exc_info: number
    /** The item of the outermost handler: {exception, pointer to the item before}. */
    readonly exc_state: number
  }
  readonly interpreter_frame: Group<
    | 'size'
    | 'previous'
    | 'executable'
    | 'instr_ptr'
    | 'localsplus'
    | 'owner'
    | 'stackpointer'
    | 'tlbc_index'
    | 'f_funcobj'
    | 'f_globals'
    | 'f_locals'
    | 'frame_obj'
  >
  readonly code_object: Group<
    | 'size'
    | 'filename'
    | 'name'
    | 'qualname'
    | 'linetable'
    | 'firstlineno'
    | 'argcount'
    | 'localsplusnames'
    | 'localspluskinds'
    | 'co_code_adaptive'
    | 'co_tlbc'
    | 'co_flags'
    | 'co_nlocalsplus'
    | 'co_posonlyargcount'
    | 'co_kwonlyargcount'
  > & {
    /** int32: words that a frame takes on the data stack, its locals and its evaluation stack included. */
    readonly co_framesize: number
    /** int32: index of the first instruction at which the frame is complete. */
    readonly co_firsttraceable: number
  }
  readonly pyobject: Group<'size' | 'ob_type'>
  readonly type_object: Group<
    | 'size'
    | 'tp_name'
    | 'tp_repr'
    | 'tp_flags'
    | 'tp_basicsize'
    | 'tp_itemsize'
    | 'tp_dictoffset'
    | 'tp_weaklistoffset'
    | 'tp_base'
    | 'tp_dict'
    | 'tp_bases'
    | 'tp_mro'
    | 'tp_cache'
  > & {
    /** Array of `PyMemberDef`: slots, and the fields that a class in C shows as attributes. */
    readonly tp_members: number
  }
  /** What only classes made at run time have, from the start of the class. */
  readonly heap_type_object: Group<'size' | 'ht_qualname' | 'ht_cached_keys' | 'ht_module'>
  readonly tuple_object: Group<'size' | 'ob_item' | 'ob_size'>
  readonly list_object: Group<'size' | 'ob_item' | 'ob_size'>
  readonly set_object: Group<'size' | 'used' | 'table' | 'mask'>
  readonly dict_object: Group<'size' | 'ma_used' | 'ma_keys' | 'ma_values'>
  readonly float_object: Group<'size' | 'ob_fval'>
  readonly long_object: Group<'size' | 'lv_tag' | 'ob_digit'>
  readonly bytes_object: Group<'size' | 'ob_size' | 'ob_sval'>
  readonly unicode_object: Group<'size' | 'state' | 'length' | 'asciiobject_size'> & {
    /** Where the data of a compact string that is not ASCII begins, and the pointer to the data of any other. */
    readonly compactunicodeobject_size: number
  }
  readonly gc: Group<'size' | 'collecting'> & {
    /** The frame that was innermost when the collection began; absent where that is not kept. */
    readonly frame?: number
  }
  readonly gen_object: Group<'size' | 'gi_name' | 'gi_qualname' | 'gi_iframe' | 'gi_frame_state'>
  readonly llist_node: Group<'next' | 'prev'>
  readonly debugger_support: Group<
    | 'eval_breaker'
    | 'remote_debugger_support'
    | 'remote_debugging_enabled'
    | 'debugger_pending_call'
    | 'debugger_script_path'
    | 'debugger_script_path_size'
  >
}
