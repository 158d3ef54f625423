// Offsets that the table does not publish, computed from published neighbours, so that they follow a build whose
// structures have moved as a whole. Each was compared with live 3.14 and 3.15 processes; the names are CPython's.
// Sources: Include/cpython/{pystate,code,funcobject,pyerrors}.h, and pycore_interpframe_structs.h and pycore_gil.h in
// Include/internal.

import type { DerivedOffsets } from './derived-offsets.js'
import type { OffsetsTable } from './schema.js'
import { validateDerived } from './validate.js'

/** @throws RemoraError `RUNTIME_CORRUPT` when one of them lies outside its structure. */
export function deriveOffsets(table: Pick<OffsetsTable, 'offsets' | 'version'>): DerivedOffsets {
  const derived = computeOffsets(table)
  validateDerived(table.offsets, derived)
  return derived
}

function computeOffsets({ offsets, version }: Pick<OffsetsTable, 'offsets' | 'version'>): DerivedOffsets {
  const {
    interpreter_state,
    thread_state,
    interpreter_frame,
    code_object,
    type_object,
    heap_type_object,
    unicode_object,
  } = offsets
  const cachedKeys = heap_type_object?.ht_cached_keys ?? type_object.size + 464
  const newer = version.minor >= 15
  return {
    interpreter_state: { gil_switch_number: interpreter_state.gil_runtime_state_locked + 8 },
    thread_state: {
      holds_gil: thread_state.holds_gil ?? thread_state.status + 4,
      state: thread_state.status + (newer ? 16 : 12),
      datastack_top: thread_state.datastack_chunk + 8,
      context_ver: thread_state.datastack_chunk - 16,
    },
    interpreter_frame: {
      f_globals: interpreter_frame.executable + 24,
      f_locals: interpreter_frame.executable + 40,
    },
    code_object: {
      co_flags: code_object.argcount - 4,
      co_nlocalsplus: code_object.firstlineno + 4,
      co_posonlyargcount: code_object.argcount + 4,
      co_kwonlyargcount: code_object.argcount + 8,
      co_framesize: code_object.firstlineno + 8,
      co_firsttraceable: code_object.firstlineno + 124,
    },
    type_object: {
      tp_basicsize: type_object.tp_basicsize ?? type_object.tp_name + 8,
      tp_itemsize: type_object.tp_name + 16,
      tp_dictoffset: type_object.tp_dictoffset ?? type_object.tp_name + 264,
      tp_members: type_object.tp_name + 216,
      tp_base: type_object.tp_name + 232,
      tp_dict: type_object.tp_name + 240,
      tp_mro: type_object.tp_name + 320,
      ht_qualname: cachedKeys - 8,
      ht_cached_keys: cachedKeys,
    },
    dict_object: { ma_used: offsets.dict_object.ma_keys - 16 },
    unicode_object: {
      compactunicodeobject_size: unicode_object.compactunicodeobject_size ?? unicode_object.asciiobject_size + 16,
    },
  }
}
