// Paths that begin with an asyncio task: what its calls have in their variables is what the program says they have, for
// tasks that wait and for one that runs and blocks its loop.

import { describe, expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import type { InspectDocument } from '../../../src/session/documents/index.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { remora } from '../../harness/remora.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

type Variables = Record<string, [address: number, text: string]>
type Calls = Record<string, [name: string, variables: Variables][]>

const unmasked = { mask: undefined, depth: 5 }

function variablesOf({ value }: InspectDocument): Variables {
  return Object.fromEntries((value.children ?? []).map(({ name, address, text }) => [name, [address ?? 0, text]]))
}

describe.each(interpreters)('$name', (interpreter) => {
  const start = async (): Promise<TestTarget> => {
    const program = await startTarget(interpreter, 'task_frames.py')
    await program.untilBlockedIn('read')
    return program
  }

  test('the variables of each call of a waiting task are its f_locals', async () => {
    const program = await start()
    const told = (await program.says('calls')) as Calls
    const target = await attach(program.pid)
    for (const name of ['request 1', 'refresh-token']) {
      const calls = told[name] ?? []
      expect(calls.map(([call]) => call)).toEqual(['fetch', 'handle'])
      for (const [number, [call, variables]] of calls.entries()) {
        const document = target.inspect(`@task:"${name}":${number}`, unmasked)
        expect(document.consistent).toBe(true)
        expect(document.value.text).toContain(`<frame of ${call}, `)
        expect(variablesOf(document)).toEqual(variables)
      }
      const [[, inner], [, outer]] = calls as [Calls[string][number], Calls[string][number]]
      // Both have a `request`: that of the inner call is nearer.
      expect(variablesOf(target.inspect(`@task:"${name}"`, unmasked))).toEqual({ ...outer, ...inner })
    }
    target.dispose()
    const { fingerprint, exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    expectUnchanged(program.before, fingerprint)
  })

  test('paths from tasks lead on, and are masked and completed', async () => {
    const program = await start()
    await using target = await attach(program.pid)
    const textOf = (path: string): string => target.inspect(path).value.text
    expect(textOf("@task:'request 1'.request['inner']")).toBe('True')
    expect(textOf('@task:"request 1":1.request')).toBe("{'id': 1}")
    expect(textOf('@task:refresh-token.tries')).toBe('3')
    expect(textOf('@task:refresh-token.password')).toBe('<masked>')
    expect(textOf('@task:refresh-token.SETTING')).toBe("'a global'")
    expect(textOf('@task:running.local')).toBe("'of the running task'")
    expect(target.inspect('@task:running.local').consistent).toBe(true)
    expect(textOf('@task:"request 1"')).toMatch(/^<task request 1, in fetch, .*task_frames\.py:\d+>$/)
    expect(target.complete('@task:re')).toEqual(['@task:refresh-token'])
    expect(target.complete('@task:refresh-token.t')).toEqual(['@task:refresh-token.tries'])
    const twins = target.complete('@task:0x')
    expect(twins).toHaveLength(2)
    expect(twins.map((one) => textOf(`${one}.number`)).sort()).toEqual(['0', '1'])
    await program.finish()
  })

  test('errors name the tasks there are', async () => {
    const program = await start()
    await using target = await attach(program.pid)
    const lost = (path: string, message: string, near: unknown, code = 'TASK_NOT_FOUND'): void => {
      const details = expect.objectContaining({ near })
      expect(() => target.inspect(path)).toThrow(expect.objectContaining({ code, message, details }))
    }
    lost('@task:runing', 'no task is called runing', ['@task:running'])
    lost('@task:"request 2"', 'no task is called request 2', ['@task:"request 1"'])
    lost('@task:running:7', 'task running has 1 frame, so there is no frame 7', [], 'PATH_NOT_FOUND')
    lost('@task:twin', '2 tasks are called twin', target.complete('@task:0x'))
    lost('@task:0x10', 'no task is called 0x10', [])
    const reached = '<task refresh-token, in fetch, '
    expect(() => target.inspect('@task:refresh-token.trie')).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(reached),
        details: expect.objectContaining({ near: ['@task:refresh-token.tries'] }),
      }),
    )
    await program.finish()
  })
})

test('a program without asyncio has no tasks to begin with, and the command says where to look', async () => {
  const [interpreter] = interpreters as [(typeof interpreters)[number]]
  const program = await startTarget(interpreter, 'inspected.py')
  const failure = await remora(['inspect', program.pid, '@task:Task-1'])
  expect([failure.code, failure.stdout]).toEqual([2, ''])
  expect(failure.stderr).toContain('remora: no task is called Task-1\n  List the tasks: remora tasks')
})
