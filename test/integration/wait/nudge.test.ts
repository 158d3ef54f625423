// What surrounds a nudge: what is said of it, several threads, other tracers, signals on the way, and what only the
// kernel can restore. The ways to block are in nudge-table.test.ts.

import { type ChildProcess, spawn } from 'node:child_process'
import readline from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { attach, type Target } from '../../../src/session/attach.js'
import type { ExecDocument } from '../../../src/session/documents/index.js'
import { expectUnchanged, importedBy } from '../../harness/fingerprint.js'
import { anyInterpreter, type Interpreter, interpreters } from '../../harness/interpreters.js'
import { remora } from '../../harness/remora.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

describe.each(interpreters)('$name', (interpreter) => {
  test('a program in input() is as it was, but for the answer that it gave', async () => {
    const program = await startTarget(interpreter, 'reader.py')
    await program.untilBlockedIn('read')
    const { code, stdout, stderr } = await remora(['exec', program.pid, '--nudge', '-c', 'print("here")'])
    expect([code, stdout]).toEqual([0, 'here\n'])
    expect(stderr).toMatch(/^remora: woke thread \d+ \(MainThread\) from read \(held for \d+ µs\)$/m)
    program.type('40')
    expect(await program.says('total')).toBe(40)
    const { result, fingerprint, exit } = await program.finish()
    expect([result, exit, program.stderr]).toEqual([40, 0, ''])
    expectUnchanged(program.before, fingerprint, importedBy(interpreter, 'pass'))
  })

  test('a program that waits for a lock is as it was', async () => {
    const program = await startTarget(interpreter, 'blocked.py', { arguments: ['event_wait'] })
    const { code, stdout } = await remora(['exec', program.pid, '--nudge', '--json', '-c', 'print("here")'])
    const document = JSON.parse(stdout) as ExecDocument
    expect([code, document.stdout]).toEqual([0, 'here\n'])
    program.type('')
    const { result, fingerprint, exit } = await program.finish()
    expect([result, exit, program.stderr]).toMatchObject([{ value: true }, 0, ''])
    expectUnchanged({ ...program.before, fds: [] }, { ...fingerprint, fds: [] }, importedBy(interpreter, 'pass'))
  })

  test('floating-point state, signal mask and alternate stack survive a pending call', async () => {
    const [program, target] = await start(interpreter, 'event_wait_in_state')
    for (let round = 0; round < 5; round++) {
      await expectWoken(target, 'pending-call')
    }
    await expectValue(program, [true, true, true])
  })

  test('signals on the way are handed on, and do not spoil the way out', async () => {
    const [program, target] = await start(interpreter, 'event_wait_under_signals')
    for (let round = 0; round < 20; round++) {
      expect(await target.exec('print("here")', { nudge: 'safe' })).toMatchObject({ stdout: 'here\n' })
    }
    await expectValue(program, [true, true])
  })

  test('of several threads each that can be reached answers, and of the others it is said why not', async () => {
    const [program] = await start(interpreter, 'workers')
    const code = 'import threading; print(threading.current_thread().name)'
    const words = ['exec', program.pid, '--thread', 'all', '--nudge', '--timeout', '3', '--json', '-c', code]
    const { stdout } = await remora(words)
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ExecDocument)
    expect(Object.fromEntries(documents.map((document) => [document.thread?.name, document]))).toMatchObject({
      MainThread: { stdout: 'MainThread\n' },
      sleeper: { stdout: 'sleeper\n' },
      receiver: { stdout: 'receiver\n' },
      locker: {
        outcome: 'withdrawn',
        notNudged: 'it waits for a lock, and only the main thread can be woken from that',
      },
    })
    await expectValue(program, { sleeper: null, receiver: 'received', locker: true })
  })

  test('a call of foreign code is interrupted by force, and the foreign code notices', async () => {
    const [program, target] = await start(interpreter, 'foreign_sleep', { ASKED: '600' })
    await untilBlocked(target)
    const { outcome, notNudged } = await target.exec('1', { nudge: 'safe', timeoutMs: 200 })
    expect([outcome, notNudged]).toEqual(['withdrawn', expect.stringContaining('libffi')])
    await expectWoken(target, 'interrupt', 'force')
    const { result } = await program.finish()
    expect((result as { value: number }).value).toBeGreaterThan(0)
  })

  test('a process that somebody traces already is left to him, by name', async () => {
    const [program, target] = await start(interpreter, 'event_wait')
    const tracer = await traceFromElsewhere(program)
    await untilBlocked(target)
    const { outcome, notNudged, nudged } = await target.exec('1', { nudge: 'safe', timeoutMs: 300 })
    expect([outcome, nudged]).toEqual(['withdrawn', false])
    expect(notNudged).toMatch(new RegExp(`^process ${tracer.pid} \\(.*python.*\\) traces it, and only one can$`))
    // The end of a process that is traced is told to its tracer first.
    tracer.kill('SIGKILL')
    await expectValue(program, true)
  })

  test('a process that is stopped stays stopped', async () => {
    const [program, target] = await start(interpreter, 'event_wait')
    await untilBlocked(target)
    program.signal('SIGSTOP')
    const { outcome, notNudged } = await target.exec('1', { nudge: 'safe', timeoutMs: 300 })
    expect([outcome, notNudged]).toEqual(['withdrawn', expect.stringContaining('stopped')])
    program.signal('SIGCONT')
    await expectValue(program, true)
  })
})

test('another value of --nudge is refused', async () => {
  const { code, stderr } = await remora(['exec', 1, '--nudge=hard', '-c', '1'])
  expect(code).toBe(2)
  expect(stderr).toContain('--nudge takes nothing or =force, not hard')
})

async function start(
  interpreter: Interpreter,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<[TestTarget, Target]> {
  const options = ['-W', 'ignore::ResourceWarning']
  const program = await startTarget(interpreter, 'blocked.py', { options, arguments: [name], env })
  const target = await attach(program.pid)
  onTestFinished(() => target.dispose())
  return [program, target]
}

async function untilBlocked(target: Target): Promise<void> {
  while (target.stack({ thread: 'main' }).threads[0]?.state !== 'blocked') {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function expectWoken(target: Target, method: string, nudge: 'safe' | 'force' = 'safe'): Promise<void> {
  await untilBlocked(target)
  const { outcome, nudges } = await target.exec('1', { nudge })
  expect([outcome, nudges?.at(-1)?.method]).toEqual(['completed', method])
}

async function expectValue(program: TestTarget, value: unknown): Promise<void> {
  program.type('')
  const { result, exit } = await program.finish()
  expect([(result as { value: unknown }).value, exit, program.stderr]).toEqual([value, 0, ''])
}

/** Has another process trace the program's main thread, and returns that one. */
async function traceFromElsewhere({ pid }: TestTarget): Promise<ChildProcess> {
  const code = `import ctypes; print(ctypes.CDLL(None).ptrace(0x4206, ${pid}, 0, 0), flush=True); input()`
  const child = spawn(anyInterpreter.path, ['-c', code], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const result = await new Promise((resolve) => readline.createInterface({ input: child.stdout }).once('line', resolve))
  expect(result).toBe('0')
  return child
}
