import { expect, onTestFinished, test } from 'vitest'
import { openTerminal } from './terminal.js'

/** Has one of our streams be a terminal of that size, until the end of the test. */
function pretend(stream: NodeJS.WriteStream, size: { columns: number; rows: number }): void {
  const names = ['isTTY', 'columns', 'rows'] as const
  const before = names.map((name) => Object.getOwnPropertyDescriptor(stream, name))
  Object.assign(stream, { isTTY: true, ...size })
  onTestFinished(() => {
    for (const [index, name] of names.entries()) {
      const descriptor = before[index]
      if (descriptor === undefined) Reflect.deleteProperty(stream, name)
      else Object.defineProperty(stream, name, descriptor)
    }
  })
}

test.each([
  [{ columns: 80, rows: 25 }, [80, 25, 80]],
  // The console of a virtual machine does not know its size.
  [{ columns: 0, rows: 0 }, [undefined, undefined, undefined]],
])('the size of a terminal: %j', (size, known) => {
  pretend(process.stdout, size)
  pretend(process.stderr, size)
  const { columns, rows, errorColumns } = openTerminal()
  expect([columns, rows, errorColumns]).toEqual(known)
})
