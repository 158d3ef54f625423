import { afterEach, expect, test, vi } from 'vitest'
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

afterEach(() => vi.unstubAllEnvs())

test.each([
  [{}, false],
  [{ FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '0' }, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('colours in a pipe with %j: %s', (environment, colours) => {
  vi.stubEnv('FORCE_COLOR', undefined)
  vi.stubEnv('NO_COLOR', undefined)
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const pipe = { terminal: undefined, write: () => Promise.resolve() }
  expect(openTerminal(pipe, pipe).style('bold', 'text') !== 'text').toBe(colours)
})
