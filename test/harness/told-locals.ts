// The variables of every frame of a program, as its stack shows them and as it says itself.

import { expect } from 'vitest'
import { attach } from '../../src/session/attach.js'
import { expectUnchanged } from './fingerprint.js'
import type { Interpreter } from './interpreters.js'
import { startTarget } from './target.js'

export async function expectToldLocals(interpreter: Interpreter): Promise<void> {
  const program = await startTarget(interpreter, 'variables.py')
  const told = (await program.says('locals')) as Record<string, Record<string, string>>
  await program.untilBlockedIn('read')
  await using target = await attach(program.pid)
  const [thread] = target.stack({ locals: { mask: undefined } }).threads
  const read = (thread?.frames ?? []).map(({ qualifiedName, locals = [] }) => {
    return [qualifiedName, Object.fromEntries(locals.map(({ name, text }) => [name, text]))] as const
  })
  for (const [name, expected] of Object.entries(told)) expect([name, new Map(read).get(name)]).toEqual([name, expected])
  const masked = target.stack({ locals: true }).threads[0]?.frames.flatMap(({ locals = [] }) => locals) ?? []
  expect(masked.find(({ name }) => name === 'password')?.text).toBe('<masked>')
  const { fingerprint } = await program.finish()
  expectUnchanged(program.before, fingerprint)
}
