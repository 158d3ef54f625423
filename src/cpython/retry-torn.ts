// Reads of a running target can meet a structure while it changes. Who can tell that from the bytes throws
// `MEMORY_UNREADABLE`; here the read is done again, at once, since the change takes less time than the read.

import { RemoraError } from '../errors/remora-error.js'

const ATTEMPTS = 50

/**
 * The result of `read`, which is called again as long as it finds memory torn.
 * @throws RemoraError the last `MEMORY_UNREADABLE` when it still does in the end; every other error at once.
 */
export function retryTorn<T>(read: () => T, attempts = ATTEMPTS): T {
  for (let attempt = 1; ; attempt++) {
    try {
      return read()
    } catch (error) {
      const torn = error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE'
      if (!torn || attempt >= attempts) throw error
    }
  }
}

/** As `retryTorn`, for what is not worth a failure: `otherwise` when the memory was torn to the end. */
export function unlessTorn<T>(read: () => T, otherwise: T, attempts = ATTEMPTS): T {
  try {
    return retryTorn(read, attempts)
  } catch (error) {
    if (error instanceof RemoraError && error.code === 'MEMORY_UNREADABLE') return otherwise
    throw error
  }
}
