// Whether a thread raises an exception, or handles one: is inside an `except` or `finally` block. Generators keep what
// they handle themselves, in items that are linked. Follows Python/errors.c (_PyErr_GetTopmostException) at v3.14.0.

import { readCString } from '../../../cpython/objects/scalars/c-string.js'
import { pointerAt, readPointer } from '../../../cpython/pointer.js'
import { unlessTorn } from '../../../cpython/retry-torn.js'
import type { Runtime } from '../../../cpython/runtime/find-runtime.js'
import type { Address } from '../../../memory/remote-memory.js'
import type { ThreadLayout } from '../copies/thread-layout.js'
import type { ThreadSampler } from './thread-sampler.js'

const MAX_ITEMS = 100

export class ExceptionState {
  readonly #runtime: Runtime
  readonly #layout: ThreadLayout
  #none: Address = 0

  constructor(runtime: Runtime, layout: ThreadLayout) {
    this.#runtime = runtime
    this.#layout = layout
  }

  /** As the thread's newest copy has it; only what a generator handles is read now. */
  hasException(sampler: ThreadSampler): boolean {
    const { currentException, handled, bottomHandled } = this.#layout
    if (sampler.pointer(currentException) !== 0) return true
    const item = sampler.pointer(handled)
    if (item === sampler.thread.address + bottomHandled * 4) return this.#isException(sampler.pointer(bottomHandled))
    return item !== 0 && unlessTorn(() => this.#isHandledIn(item), false, 1)
  }

  #isHandledIn(innermost: Address): boolean {
    const { memory } = this.#runtime
    for (let item = innermost, count = 0; item !== 0 && count < MAX_ITEMS; count++) {
      const bytes = memory.read(item, 16)
      if (this.#isException(pointerAt(bytes, 0))) return true
      item = pointerAt(bytes, 8)
    }
    return false
  }

  #isException(value: Address): boolean {
    if (value === 0 || value === this.#none) return false
    if (this.#none === 0 && unlessTorn(() => this.#isNone(value), false, 1)) this.#none = value
    return value !== this.#none
  }

  #isNone(value: Address): boolean {
    const { memory, offsets } = this.#runtime
    const type = readPointer(memory, value + offsets.pyobject.ob_type)
    return readCString(memory, readPointer(memory, type + offsets.type_object.tp_name)) === 'NoneType'
  }
}
