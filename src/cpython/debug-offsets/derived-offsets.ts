// Offsets that the table does not publish; `derived.ts` computes them.

export interface DerivedOffsets {
  readonly interpreter_state: {
    /** uint64: counts how often the interpreter's own GIL was taken by another thread than the one before. */
    readonly gil_switch_number: number
  }
  readonly thread_state: {
    readonly holds_gil: number
    /** int32: 0 detached, 1 attached, 2 suspended, 3 shutting down. */
    readonly state: number
    readonly datastack_top: number
    /** uint64: counts how often the thread has entered or left a context. */
    readonly context_ver: number
  }
  readonly interpreter_frame: {
    readonly f_globals: number
    readonly f_locals: number
  }
  readonly code_object: {
    readonly co_flags: number
    readonly co_nlocalsplus: number
    readonly co_posonlyargcount: number
    readonly co_kwonlyargcount: number
    /** int32: words that a frame takes on the data stack, its locals and its evaluation stack included. */
    readonly co_framesize: number
    /** int32: index of the first instruction at which the frame is complete. */
    readonly co_firsttraceable: number
  }
  readonly type_object: {
    readonly tp_basicsize: number
    readonly tp_itemsize: number
    readonly tp_dictoffset: number
    /** Array of `PyMemberDef`: slots, and the fields that a class in C shows as attributes. */
    readonly tp_members: number
    readonly tp_base: number
    readonly tp_dict: number
    readonly tp_mro: number
    readonly ht_qualname: number
    readonly ht_cached_keys: number
  }
  readonly dict_object: {
    readonly ma_used: number
  }
  readonly unicode_object: {
    /** Where the data of a compact string that is not ASCII begins, and the pointer to the data of any other. */
    readonly compactunicodeobject_size: number
  }
}
