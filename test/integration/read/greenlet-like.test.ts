// A greenlet's calls begin with one that C made on an empty stack. Their stack is shown, sampled and used as any other.

import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

describe.each(interpreters)('$name', (interpreter) => {
  test('a stack without a bottom is what the target says it is, and no more', async () => {
    const program = await startTarget(interpreter, 'greenlet_like.py')
    const told = (await program.says('told')) as [string, number][]
    await program.untilBlockedIn('read')
    await using target = await attach(program.pid)
    const { consistent, threads } = target.stack()
    expect([consistent, threads.length]).toEqual([true, 1])
    const functions = threads[0]?.frames.map(({ function: name }) => name)
    expect(functions).toEqual(['wait_for_line', ...told.map(([name]) => name).reverse()])
    expect(target.inspect('@main:1.at').value.text).toBe('1')

    program.type('')
    await program.says('waits')
    expect(target.inspect('@main:1.at').value.text).toBe('2')
    const { fingerprint, exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    expectUnchanged(program.before, fingerprint)
  })

  test('what moves on it is sampled, and a script runs among it', async () => {
    const program = await startTarget(interpreter, 'greenlet_like.py', { arguments: ['moving'] })
    await program.says('told')
    await using target = await attach(program.pid)
    const file = path.join(temporaryDirectory(), 'a.remora')
    const { samples, failed, functions } = await target.record({ file, durationMs: 300 })
    expect(samples).toBeGreaterThan(failed)
    const names = functions.map(({ function: name }) => name)
    expect(names).toEqual(expect.arrayContaining(['run', 'walk']))
    expect(names).not.toContain('call_alone')

    const { outcome, stdout } = await target.exec(
      'import traceback; print([one.name for one in traceback.extract_stack()])',
    )
    expect([outcome, stdout]).toEqual(['completed', expect.stringMatching(/^\['run', ('walk', )*'<module>'\]\n$/)])
    const { fingerprint, exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    expectUnchanged(program.before, fingerprint)
  })
})
