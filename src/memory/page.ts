// Pages, the units in which memory is mapped: where one byte of a page can be read, all of it can.

import type { Address } from './remote-memory.js'

/** The least there is: larger ones are multiples of it. */
export const PAGE_BYTES = 4096

/** How many of the `wanted` bytes at `address` surely can be read if the first one can. */
export function withinPage(address: Address, wanted: number): number {
  return Math.min(wanted, PAGE_BYTES - (address % PAGE_BYTES))
}
