// Everything that cannot be attached to, or not in this way: each has an error of its own that names the cause and the
// way out, and an exit code.

import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import { expectOnlyReading } from '../../harness/free-threaded.js'
import { anyInterpreter, interpreters } from '../../harness/interpreters.js'
import { type CliResult, remora } from '../../harness/remora.js'
import { spawnTarget, startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

function expectError(result: CliResult, code: number, message: string | RegExp): void {
  expect([result.stdout, result.code]).toEqual(['', code])
  expect(result.stderr).toMatch(message)
  // Message, then a way out that is indented, and nothing else: no stack of ours.
  expect(result.stderr).toMatch(/^remora: .+\n {2}.+\n$/)
}

describe('targets that are none', () => {
  test.each([
    ['-5', 2, /-5/],
    ['0', 2, /"0" is not a process id/],
    ['99999999999', 2, /99999999999/],
    ['4194300', 4, /there is no process 4194300/],
    [String(process.ppid), 4, /not a Python process/],
  ])('%s', async (word, code, message) => {
    expectError(await remora(['exec', '--', word, '-']), code, message)
  })

  test('no target at all', async () => {
    expectError(await remora(['exec']), 2, /name a target/)
  })

  test('ourselves', async () => {
    await expect(attach(process.pid)).rejects.toMatchObject({ code: 'TARGET_IS_SELF' })
  })

  test('a thread of the kernel', async ({ skip }) => {
    const kernel = fs.existsSync('/proc/2/status') && fs.readFileSync('/proc/2/comm', 'utf8') === 'kthreadd\n'
    if (!kernel) skip('SKIPPED: no kernel thread is visible here')
    expectError(await remora(['exec', 2, '-c', '1']), 4, /thread of the kernel/)
  })

  test('a zombie', async () => {
    const program = 'import os; child = os.fork() or os._exit(0); print(child, flush=True); input()'
    const parent = spawn(anyInterpreter.path, ['-c', program], { stdio: ['pipe', 'pipe', 'ignore'] })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
    while (!/^State:\tZ/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))) await new Promise(setImmediate)
    expectError(await remora(['exec', pid, '-c', '1']), 4, /has ended \(it is a zombie\)/)
  })

  test('an older Python', async ({ skip }) => {
    const older = findOlderPython()
    if (older === undefined) return skip('SKIPPED: no Python older than 3.14 is installed here')
    const child = spawn(older, ['-c', 'print(1, flush=True); input()'], { stdio: ['pipe', 'pipe', 'ignore'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expectError(await remora(['exec', child.pid as number, '-c', '1']), 4, /Python 3\.\d+/)
  })
})

describe.each(interpreters)('$name', (interpreter) => {
  test.each([
    ['the environment', { env: { PYTHON_DISABLE_REMOTE_DEBUG: '' } }],
    ['an option', { options: ['-X', 'disable-remote-debug'] }],
  ])('remote debugging disabled by %s', async (_, options) => {
    const program = await startTarget(interpreter, 'busy.py', options)
    expectError(await remora(['exec', program.pid, '-c', '1']), 4, /remote debugging is disabled in the target/)
    const { exit, result } = await program.finish()
    expect([exit, result, program.stderr]).toEqual([0, true, ''])
  })

  test('a free-threaded build: no command that would run code in it, or profile it, begins', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    await using target = await attach(program.pid)
    // None is at hand. What makes it one for a reader is a flag in its table of offsets, which it never looks at itself.
    const FREE_THREADED = 16
    const memory = fs.openSync(`/proc/${program.pid}/mem`, 'r+')
    fs.writeSync(memory, Buffer.of(1), 0, 1, target.runtime.address + FREE_THREADED)
    fs.closeSync(memory)
    await expectOnlyReading(program.pid)
    const { exit, result } = await program.finish()
    expect([exit, result, program.stderr]).toEqual([0, true, ''])
  })

  test('an interpreter that is shutting down', async () => {
    const program = spawnTarget(interpreter, 'finalizing.py')
    await program.says('finalizing')
    expectError(await remora(['exec', program.pid, '-c', '1']), 4, /shutting down/)
  })

  test('a target that ends while its script waits', async () => {
    const program = await startTarget(interpreter, 'reader.py')
    await program.untilBlockedIn('read')
    await using target = await attach(program.pid)
    const exec = target.exec('1', { timeoutMs: 20_000, onWaiting: () => program.signal('SIGKILL') })
    await expect(exec).resolves.toMatchObject({ outcome: 'exited' })
  })

  test('an audit hook that refuses', async () => {
    const program = await startTarget(interpreter, 'refusing.py')
    const result = await remora(['exec', program.pid, '--timeout', '1', '-c', 'print("ran", 1)'])
    expect([result.code, result.stdout]).toEqual([4, ''])
    expect(result.stderr).toMatch(/the target took the script, but did not run it/)
  })

  test.each([
    ['that does not exist', 'none.py', /does not exist/],
    ['that is a directory', '.', /is a directory/],
  ])('a script %s', async (_, file, message) => {
    const program = await startTarget(interpreter, 'busy.py')
    expectError(await remora(['exec', program.pid, file], { cwd: temporaryDirectory() }), 2, message)
  })

  test('a path that is too long for the field', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const deep = path.join(temporaryDirectory(), 'd'.repeat(200), 'd'.repeat(200), 'd'.repeat(200))
    fs.mkdirSync(deep, { recursive: true })
    fs.writeFileSync(path.join(deep, 'script.py'), 'print("ran", 1)')
    const script = path.join(deep, 'script.py')
    expectError(await remora(['exec', program.pid, '--no-wait', script]), 2, /there is room for 511/)
    expect(await remora(['exec', program.pid, script])).toMatchObject({ code: 0, stdout: 'ran 1\n' })
  })

  test('a thread that does not exist', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const result = await remora(['exec', program.pid, '--thread', 'worker', '-c', '1'])
    expectError(result, 2, /the target has no thread worker/)
    expect(result.stderr).toContain(`${program.pid} (MainThread)`)
  })
})

function findOlderPython(): string | undefined {
  const candidates = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.9', 'python3'].flatMap((name) =>
    (process.env.PATH ?? '').split(':').map((place) => path.join(place, name)),
  )
  return candidates.find((candidate) => {
    try {
      const version = execFileSync(candidate, ['-c', 'import sys; print(sys.version_info[1])'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      return Number(version) < 14
    } catch {
      return false
    }
  })
}
