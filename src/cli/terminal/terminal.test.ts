import { expect, test } from 'vitest'
import type { Output } from './output.js'
import { openTerminal } from './terminal.js'

/** A stream to a terminal of that size. */
function terminalOf(size: { columns: number; rows: number }): Pick<Output, 'terminal' | 'write'> {
  return { terminal: size as NodeJS.WriteStream, write: () => Promise.resolve() }
}

test.each([
  [{ columns: 80, rows: 25 }, [80, 25, 80]],
  // The console of a virtual machine does not know its size.
  [{ columns: 0, rows: 0 }, [undefined, undefined, undefined]],
])('the size of a terminal: %j', (size, known) => {
  const { columns, rows, errorColumns } = openTerminal(terminalOf(size), terminalOf(size))
  expect([columns, rows, errorColumns]).toEqual(known)
})
