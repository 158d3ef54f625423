// The seed scenarios, on every interpreter: programs that know nothing of us, blocked, busy, asynchronous and threaded.
// Each must answer, go on to the right result, write nothing of ours, and be afterwards what it was before.

import net from 'node:net'
import { describe, expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import type { ThreadActivityInfo } from '../../../src/session/documents/index.js'
import { withoutCheckout } from '../../harness/checkout.js'
import { expectUnchanged, importedBy } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { spawnTarget, startTarget } from '../../harness/target.js'
import { withResolvers } from '../../harness/with-resolvers.js'

const STACK = 'import sys, traceback\ntraceback.print_stack(file=sys.stdout)'
const CALLER = 'import sys\nprint(sys._getframe(1).f_code.co_qualname)'

describe.each(interpreters)('$name', (interpreter) => {
  test('a program in input() answers when a line arrives', async () => {
    const program = await startTarget(interpreter, 'reader.py')
    await program.untilBlockedIn('read')
    await using target = await attach(program.pid)
    const waiting = withResolvers<ThreadActivityInfo>()
    const exec = target.exec(STACK, { timeoutMs: 20_000, filename: 'where.py', onWaiting: waiting.resolve })

    expect(await waiting.promise).toMatchObject({ state: 'blocked', function: 'read_number', syscall: 'read', line: 7 })
    program.type('40')
    const result = await exec

    expect(result.outcome).toBe('completed')
    const functions = [...result.stdout.matchAll(/File "(.*)", line \d+, in (.*)/g)].map(([, file, name]) => [
      file,
      name,
    ])
    expect(functions.map(([, name]) => name).slice(0, 3)).toEqual(['<module>', 'add_up', 'read_number'])
    expect(functions.at(-1)).toEqual(['where.py', '<module>'])
    expect(withoutCheckout(result.stdout)).not.toContain('remora')
    expect(await program.says('total')).toBe(40)
    program.type('2')
    expect(await program.says('total')).toBe(42)
    const { result: total, fingerprint, exit } = await program.finish()
    expect([total, exit, program.stderr]).toEqual([42, 0, ''])
    expectUnchanged(program.before, fingerprint, importedBy(interpreter, STACK))
  })

  test('a program that has imported nothing has afterwards the two modules more that are listed', async () => {
    const program = spawnTarget(interpreter, 'bare.py', { options: ['-I', '-S'] })
    const before = (await program.says('before')) as string[]
    await using target = await attach(program.pid)
    await program.untilBlockedIn('read')
    const waiting = withResolvers<ThreadActivityInfo>()
    const exec = target.exec('print("from a bare program")', { onWaiting: waiting.resolve })
    await waiting.promise
    program.type('go')
    expect((await exec).stdout).toBe('from a bare program\n')
    program.type('go')
    const after = (await program.says('after')) as string[]
    expect(after.filter((name) => !before.includes(name) && !['_socket', '_functools'].includes(name))).toEqual([])
  })

  test('a busy loop answers at once, a hundred times', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    await using target = await attach(program.pid)
    for (let round = 0; round < 100; round++) {
      const result = await target.exec(CALLER)
      expect([result.outcome, result.stdout]).toEqual(['completed', 'spin\n'])
    }
    const { result, fingerprint, exit } = await program.finish()
    expect([result, exit, program.stderr]).toEqual([true, 0, ''])
    expectUnchanged(program.before, fingerprint)
  })

  test('an asyncio server answers its clients before, while and after', async () => {
    const program = await startTarget(interpreter, 'server.py')
    const client = await connect((await program.says('port')) as number)
    expect(await client.ask('one')).toBe('4')
    await using target = await attach(program.pid)

    await program.untilBlockedIn('epoll_wait', 'epoll_pwait')
    const waiting = withResolvers<ThreadActivityInfo>()
    const script = 'import asyncio\nprint(type(asyncio.get_running_loop()).__name__)'
    const exec = target.exec(script, { onWaiting: waiting.resolve })
    expect(await waiting.promise).toMatchObject({ state: 'blocked', syscall: expect.stringMatching(/^epoll_p?wait$/) })
    expect(await client.ask('twelve')).toBe('7')
    const result = await exec

    expect([result.outcome, result.stdout]).toEqual(['completed', '_UnixSelectorEventLoop\n'])
    expect(await client.ask('')).toBe('1')
    client.end()
    const { fingerprint, exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    expectUnchanged(program.before, fingerprint)
  })

  test('a thread pool: main answers, and each worker when it gets work', async () => {
    const program = await startTarget(interpreter, 'pool.py')
    await using target = await attach(program.pid)
    const script = 'import threading\nprint(threading.current_thread().name)'

    const exec = target.execInAllThreads(script, { timeoutMs: 3_000 })
    for (let number = 1; number <= 60; number++) {
      program.type(String(number))
      await program.says('squares')
    }
    const results = await exec

    const names = results.map(({ thread }) => thread.name)
    expect(names).toEqual(['MainThread', 'worker_0', 'worker_1', 'worker_2', 'worker_3'])
    for (const { outcome, stdout, thread } of results) {
      if (outcome === 'completed') expect(stdout).toBe(`${thread.name}\n`)
      else expect([outcome, stdout]).toEqual(['withdrawn', ''])
    }
    expect(results.map(({ outcome }) => outcome)).toContain('completed')
    const { result, fingerprint, exit } = await program.finish()
    expect([result, exit, program.stderr]).toEqual([73_810, 0, ''])
    expectUnchanged(program.before, fingerprint)
  })
})

async function connect(port: number): Promise<{ ask(line: string): Promise<string>; end(): void }> {
  const socket = net.connect(port, '127.0.0.1').setEncoding('utf8')
  const pieces = socket.iterator()
  return {
    async ask(line) {
      socket.write(`${line}\n`)
      return String((await pieces.next()).value).trim()
    },
    end: () => socket.end(),
  }
}
