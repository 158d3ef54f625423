// Which characters `repr()` shows as they are. Each version of CPython brings its own version of Unicode, and so does
// each Node, so the answer is a table of ours rather than a property of Node's regular expressions.

import { PRINTABLE_RANGES } from './printable-ranges.js'

/** Characters that Unicode 17 has added, and versions before it do not have. */
const ADDED_IN_17 = [
  [0x88f],
  [0xc5c],
  [0xcdc],
  [0x1acf, 0x1add],
  [0x1ae0, 0x1aeb],
  [0x20c1],
  [0x2b96],
  [0xa7ce, 0xa7cf],
  [0xa7d2],
  [0xa7d4],
  [0xa7f1],
  [0xfbc3, 0xfbd2],
  [0xfd90, 0xfd91],
  [0xfdc8, 0xfdce],
  [0x10940, 0x10959],
  [0x10ec5, 0x10ec7],
  [0x10ed0, 0x10ed8],
  [0x10efa, 0x10efb],
  [0x11b60, 0x11b67],
  [0x11db0, 0x11ddb],
  [0x11de0, 0x11de9],
  [0x16ea0, 0x16eb8],
  [0x16ebb, 0x16ed3],
  [0x16ff2, 0x16ff6],
  [0x187f8, 0x187ff],
  [0x18d09, 0x18d1e],
  [0x18d80, 0x18df2],
  [0x1ccfa, 0x1ccfc],
  [0x1ceba, 0x1ced0],
  [0x1cee0, 0x1cef0],
  [0x1e6c0, 0x1e6de],
  [0x1e6e0, 0x1e6f5],
  [0x1e6fe, 0x1e6ff],
  [0x1f6d8],
  [0x1f777, 0x1f77a],
  [0x1f8d0, 0x1f8d8],
  [0x1fa54, 0x1fa57],
  [0x1fa8a],
  [0x1fa8e],
  [0x1fac8],
  [0x1facd],
  [0x1faea],
  [0x1faef],
  [0x1fbfa],
  [0x2b73a, 0x2b73f],
  [0x2cea2, 0x2cead],
  [0x323b0, 0x33479],
] as const

let boundaries: readonly number[] | undefined

/** What `str.isprintable()` says of a code point in a Python with that version of Unicode. */
export function isPrintable(point: number, unicode: number): boolean {
  if (point < 0x7f) return point >= 0x20
  boundaries ??= parseBoundaries()
  if (!isInRanges(point, boundaries)) return false
  return unicode >= 17 || !ADDED_IN_17.some(([first, last = first]) => point >= first && point <= last)
}

function parseBoundaries(): number[] {
  let at = 0
  return PRINTABLE_RANGES.trim()
    .split(/\s/)
    .map((length) => (at += Number.parseInt(length, 36)))
}

/** Whether an odd number of boundaries lie at or below `point`. */
function isInRanges(point: number, sorted: readonly number[]): boolean {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) <= point) low = middle + 1
    else high = middle
  }
  return low % 2 === 1
}
