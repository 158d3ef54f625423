// What holds of every free-threaded target: whatever would run code in it, or go through lists that it does not have,
// says so at once and begins nothing.

import { expect } from 'vitest'
import { remora } from './remora.js'
import { programPath } from './target.js'

const REFUSED = [
  ['exec', '-c', '1'],
  ['exec', '-c', '1', '--nudge'],
  ['exec', '--no-wait', programPath('bare.py')],
  ['exec', '-c', '1', '--thread', 'all'],
  ['eval', '1'],
  ['repl'],
  ['pdb', '-c', 'q'],
  ['trace', 'spin'],
  ['record'],
  ['top'],
  ['inspect', '--instances', 'dict'],
]

/** The message names the cause; the way out stands below it. */
const ERROR = /^remora: .*free-threaded (build|Python).*\n {2}Start the program with a build that has the GIL.*\n$/

export async function expectOnlyReading(pid: number): Promise<void> {
  for (const [command = '', ...rest] of REFUSED) {
    const { stdout, stderr, code } = await remora([command, pid, ...rest])
    expect([command, stdout, code]).toEqual([command, '', 4])
    expect(stderr).toMatch(ERROR)
  }
  const { stdout } = await remora(['doctor', pid])
  expect(stdout).toMatch(/^FAIL build +a free-threaded build/m)
  expect((await remora(['ps', pid, '--json'])).stdout).toContain('"attachable":false')
}
