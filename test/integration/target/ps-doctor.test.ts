// `remora ps`, `remora doctor` and the words for a target, on programs whose state is known: made so from here, or told
// by the program itself.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readMainInterpreter } from '../../../src/cpython/runtime/interpreter.js'
import { RemoraError } from '../../../src/errors/remora-error.js'
import { attach } from '../../../src/session/attach.js'
import { diagnose } from '../../../src/session/doctor/doctor.js'
import type { CheckInfo, ProcessInfo } from '../../../src/session/documents/index.js'
import { listProcesses } from '../../../src/session/target/list-processes.js'
import { resolveTarget } from '../../../src/session/target/resolve-target.js'
import { anyInterpreter, interpreters } from '../../harness/interpreters.js'
import { cliPath, remora } from '../../harness/remora.js'
import { shellWords } from '../../harness/shell.js'
import { programPath, startTarget } from '../../harness/target.js'
import { rendezvousDirectoriesOf } from '../../harness/temporary.js'

const isRoot = process.geteuid?.() === 0
const NOBODY = 65_534

describe.each(interpreters)('$name', (interpreter) => {
  test('ps shows what a program says of itself', async () => {
    const program = await startTarget(interpreter, 'server.py', { arguments: ['two words'] })
    const port = await program.says('port')
    expect(find(program.pid)).toEqual({
      pid: program.pid,
      python: interpreter.version,
      implementation: 'CPython',
      executable: fs.realpathSync(interpreter.path),
      command: expect.stringMatching(/server\.py two words$/),
      user: os.userInfo().username,
      startedAt: expect.any(String),
      listening: [port],
      attachable: true,
    })
    const startedAt = Date.parse(find(program.pid)?.startedAt ?? '')
    expect(Math.abs(Date.now() - startedAt)).toBeLessThan(60_000)
  })

  test.each([
    ['the variable', { env: { PYTHON_DISABLE_REMOTE_DEBUG: '' } }, ['env', '-u', 'PYTHON_DISABLE_REMOTE_DEBUG']],
    ['the option', { options: ['-X', 'disable-remote-debug'] }, []],
  ])('a target that %s has closed is shown, and how to open it', async (_name, options, without) => {
    const program = await startTarget(interpreter, 'reader.py', options)
    expect(find(program.pid)).toMatchObject({
      attachable: false,
      reason: expect.stringContaining('remote debugging is disabled'),
    })
    const { checks } = diagnose(program.pid)
    expect(failed(checks)).toEqual([
      expect.objectContaining({
        id: 'remote-debugging',
        code: 'REMOTE_DEBUG_DISABLED',
      }),
    ])
    const [, command = ''] = /^Reading works\. .* restart it with: (.*)$/.exec(failed(checks)[0]?.remedy ?? '') ?? []
    expect(shellWords(command)).toEqual([...without, interpreter.path, '-B', programPath('reader.py')])
  })

  test('a target that neither has closed says so, and names a command that tells an interpreter that would do', async () => {
    const program = await startTarget(interpreter, 'reader.py')
    await using target = await attach(program.pid)
    // What a build without remote debugging has there, and an embedding program that turned it off.
    const { remote_debugging_enabled: enabled } = target.runtime.offsets.debugger_support
    const memory = fs.openSync(`/proc/${program.pid}/mem`, 'r+')
    fs.writeSync(memory, Buffer.alloc(4), 0, 4, readMainInterpreter(target.runtime).address + enabled)
    fs.closeSync(memory)
    const [check] = failed(diagnose(program.pid).checks)
    expect(check?.detail).toContain('by its build (--without-remote-debug) or by the program that embeds it')
    const [, answer, code = ''] = /answers (\w+) to: python3 -c "(.*)"$/.exec(check?.remedy ?? '') ?? []
    expect(execFileSync(interpreter.path, ['-c', code], { encoding: 'utf8' })).toBe(`${answer}\n`)
  })

  test('doctor finds nothing wrong with a program that waits, and leaves nothing', async () => {
    const program = await startTarget(interpreter, 'reader.py')
    await expect
      .poll(() => detailOf(program.pid, 'main-thread'))
      .toMatch(/ in read_number \(\/.*\/reader\.py:7\), blocked in the system call read on Unix socket$/)
    const { checks, target } = diagnose(program.pid)
    expect(failed(checks)).toEqual([])
    expect(target).toMatchObject({ pid: program.pid, python: interpreter.version })
    expect(detailOf(program.pid, 'python')).toContain(`CPython ${interpreter.version},`)
    expect(detailOf(program.pid, 'build')).toContain(interpreter.debug ? 'debug build' : 'release build')
    expect(rendezvousDirectoriesOf(process.pid)).toEqual([])
    const { result, exit } = await program.finish()
    expect([result, exit, program.stderr]).toEqual([0, 0, ''])
  })

  test('doctor sees a program stop and go on', async () => {
    const program = await startTarget(interpreter, 'reader.py')
    program.signal('SIGSTOP')
    await expect
      .poll(() => failed(diagnose(program.pid).checks))
      .toEqual([expect.objectContaining({ id: 'stopped', remedy: `Let it go on: kill -CONT ${program.pid}` })])
    program.signal('SIGCONT')
    await expect.poll(() => failed(diagnose(program.pid).checks)).toEqual([])
  })

  test("doctor sees someone else's request wait, and run", async () => {
    const program = await startTarget(interpreter, 'reader.py')
    const script = path.join(makeFolder(), 'request.py')
    fs.writeFileSync(script, 'pass\n')
    await expect.poll(() => detailOf(program.pid, 'main-thread')).toContain('blocked in the system call read')
    await using target = await attach(program.pid)
    await target.requestFile(script)
    expect(failed(diagnose(program.pid).checks)).toEqual([
      expect.objectContaining({ id: 'request', code: 'REQUEST_PENDING', detail: expect.stringContaining(script) }),
    ])
    program.type('1')
    expect(await program.says('total')).toBe(1)
    expect(failed(diagnose(program.pid).checks)).toEqual([])
  })

  test('an interpreter that is shutting down is not attachable', async () => {
    const program = await startTarget(interpreter, 'finalizing.py')
    await program.says('finalizing')
    expect(find(program.pid)).toMatchObject({ attachable: false, reason: 'its interpreter is shutting down' })
    const { checks } = diagnose(program.pid)
    expect(checks.at(-1)).toMatchObject({ id: 'finalizing', ok: false, code: 'INTERPRETER_FINALIZING' })
    program.type('')
    expect(await program.exited()).toBe(0)
  })

  test('a port names the process that listens on it', async () => {
    const program = await startTarget(interpreter, 'server.py')
    expect(resolveTarget(`:${await program.says('port')}`).pid).toBe(program.pid)
  })
})

describe('the words for a target', () => {
  test('a shared port means several processes', async () => {
    const program = await startTarget(anyInterpreter, 'shared_port.py')
    const [port, child] = [await program.says('port'), await program.says('child')]
    const error = failureOf(() => resolveTarget(`:${port}`))
    expect(error.code).toBe('TARGET_AMBIGUOUS')
    expect(error.message).toContain(`2 processes listen on port ${port}:\n`)
    expectListed(error, [program.pid, Number(child)], ['-B', programPath('shared_port.py')])
  })

  test('a word means the one process that has it, and the attachable one of two', async () => {
    const word = uniqueWord()
    const program = await startTarget(anyInterpreter, 'reader.py', { arguments: [`--name=${word}`] })
    expect(resolveTarget(word).pid).toBe(program.pid)
    expect(resolveTarget(`reader.py --name=${word}`).pid).toBe(program.pid)
    expect(failureOf(() => resolveTarget(word.toUpperCase())).code).toBe('PROCESS_NOT_FOUND')

    await startTarget(anyInterpreter, 'reader.py', { arguments: [word], options: ['-X', 'disable-remote-debug'] })
    expect(resolveTarget(word).pid).toBe(program.pid)
    const third = await startTarget(anyInterpreter, 'reader.py', { arguments: [word] })
    const error = failureOf(() => resolveTarget(word))
    expect([error.code, error.exitCode]).toEqual(['TARGET_AMBIGUOUS', 2])
    expectListed(error, [program.pid, third.pid], ['-B', programPath('reader.py')])
  })

  test('a word that means only one that is not attachable names it all the same', async () => {
    const word = uniqueWord()
    const program = await startTarget(anyInterpreter, 'reader.py', {
      arguments: [word],
      env: { PYTHON_DISABLE_REMOTE_DEBUG: '1' },
    })
    expect(resolveTarget(word).pid).toBe(program.pid)
  })

  test('who starts Remora is not meant by the word it passes on', () => {
    const code = 'import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:], capture_output=True).returncode)'
    const words = ['-c', code, process.execPath, cliPath, 'doctor', uniqueWord()]
    expect(() => execFileSync(anyInterpreter.path, words)).toThrow(expect.objectContaining({ status: 4 }))
  })

  test.each(['0', '-5', '+7', '12345678901', '', ' ', '12x', '0x10', '1.5', ':', ':0', ':65536', ':80x', ':-1'])(
    '%j is no target',
    (word) => {
      expect(failureOf(() => resolveTarget(word)).code).toBe('TARGET_INVALID')
    },
  )

  test('what nobody has or listens on is not found', () => {
    expect(failureOf(() => resolveTarget(uniqueWord())).code).toBe('PROCESS_NOT_FOUND')
    // Port 1 (tcpmux) is privileged and unused for decades.
    expect(failureOf(() => resolveTarget(':1')).code).toBe('PROCESS_NOT_FOUND')
    expect(resolveTarget('4194304').pid).toBe(4_194_304)
  })
})

describe('doctor', () => {
  test('on what cannot be a target says so in its first check', () => {
    for (const [pid, code] of [
      [process.pid, 'TARGET_IS_SELF'],
      [2 ** 22 + 1, 'PROCESS_NOT_FOUND'],
    ] as const) {
      expect(diagnose(pid).checks).toEqual([expect.objectContaining({ id: 'process', ok: false, code })])
    }
  })

  test('on a process that is not Python ends there', () => {
    const { checks, target } = diagnose(process.ppid)
    expect(failed(checks)).toEqual([expect.objectContaining({ id: 'python', code: 'NOT_PYTHON' })])
    expect(checks.map(({ id }) => id)).toEqual(['process', 'permission', 'namespaces', 'python'])
    expect(target).toBeUndefined()
  })

  test('without a target examines the machine', () => {
    const { checks } = diagnose()
    expect(checks.map(({ id }) => id)).toEqual(['platform', 'node', 'koffi', 'yama', 'capability', 'processes'])
  })

  if (!isRoot) console.info("not tested here: another user's process, which takes root")
  test.runIf(isRoot)("another user's process is listed by its name, and doctor names the owner", async () => {
    const program = await startTarget(anyInterpreter, 'reader.py')
    const [listed, diagnosed] = asUser(NOBODY, () => [find(program.pid), diagnose(program.pid).checks] as const)
    const python = /\d+\.\d+/.exec(anyInterpreter.version)?.[0]
    expect(listed).toMatchObject({ attachable: false, reason: 'only root may read it', python, listening: [] })
    expect(diagnosed.map(({ id, ok, code }) => [id, ok, code])).toEqual([
      ['process', true, undefined],
      ['permission', false, 'PERMISSION_DENIED'],
    ])
    expect(diagnosed[1]?.remedy).toContain('sudo -u root remora')
  })
})

describe('the command line', () => {
  test('ps prints a table, and the document with --json', async () => {
    const word = uniqueWord()
    const program = await startTarget(anyInterpreter, 'server.py', { arguments: [word] })
    const port = await program.says('port')
    const { code, stdout, stderr } = await remora(['ps', word])
    const [heading, row, ...rest] = stdout.trimEnd().split('\n')
    expect([code, stderr, rest]).toEqual([0, '', []])
    expect(heading?.trim()).toMatch(/^PID +PYTHON +USER +PORTS +ATTACH +COMMAND$/)
    expect(row?.trim().split(/ +/).slice(0, 5)).toEqual(
      [program.pid, anyInterpreter.version, os.userInfo().username, port, 'yes'].map(String),
    )
    expect((await remora(['ps', program.pid])).stdout).toContain(` ${word}\n`)
    const json = JSON.parse((await remora(['ps', `:${port}`, '--json'])).stdout)
    expect(json).toEqual({ schema: 'remora.ps/1', takenAt: expect.any(String), processes: [find(program.pid)] })
    expect(await remora(['ps', uniqueWord()])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('no Python process'),
    })
  })

  test('doctor ends as an attach would', async () => {
    const [word, closedWord] = [uniqueWord(), uniqueWord()]
    await startTarget(anyInterpreter, 'reader.py', { arguments: [word] })
    await startTarget(anyInterpreter, 'reader.py', { arguments: [closedWord], options: ['-X', 'disable-remote-debug'] })
    const healthy = await remora(['doctor', word])
    expect([healthy.code, healthy.stderr]).toEqual([0, ''])
    for (const line of healthy.stdout.trimEnd().split('\n')) expect(line).toMatch(/^ok {3}[a-z-]+ +\S/)
    const closed = await remora(['doctor', closedWord])
    expect(closed.code).toBe(4)
    expect(closed.stdout).toMatch(
      /\nFAIL remote-debugging {2}remote debugging is disabled by .*\n {23}Reading works\. /,
    )
    expect((await remora(['doctor', closedWord, '--json'])).code).toBe(4)
    expect((await remora(['doctor', '4194304'])).code).toBe(4)
  })
})

function find(wanted: number): ProcessInfo | undefined {
  return listProcesses().processes.find(({ pid }) => pid === wanted)
}

function failed(checks: readonly CheckInfo[]): CheckInfo[] {
  return checks.filter(({ ok }) => !ok)
}

function detailOf(pid: number, id: string): string | undefined {
  return diagnose(pid).checks.find((check) => check.id === id)?.detail
}

function failureOf(action: () => unknown): RemoraError {
  try {
    action()
  } catch (error) {
    if (error instanceof RemoraError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** The message lists these processes, each with as much of its command line as there is room for. */
function expectListed({ message, details }: RemoraError, pids: readonly number[], words: readonly string[]): void {
  const matches = details.matches as readonly ProcessInfo[]
  expect(matches.map(({ pid }) => pid).toSorted()).toEqual(pids.toSorted())
  const rows = message.split('\n').slice(1)
  expect(rows).toHaveLength(matches.length)
  for (const [index, { pid, command }] of matches.entries()) {
    expect(command).toContain([anyInterpreter.path, ...words].join(' '))
    const [, listed, shown = '', cut] = /^ *(\d+) {2}(.+?)(…?)$/.exec(rows[index] ?? '') ?? []
    expect([Number(listed), shown]).toEqual([pid, cut === '' ? command : command.slice(0, shown.length)])
  }
}

function makeFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ps-doctor-'))
  onTestFinished(() => fs.rmSync(folder, { recursive: true }))
  return folder
}

let words = 0

/** A word that no other process of this machine has in its command line. */
function uniqueWord(): string {
  words++
  return `unique-${process.pid}-${words}`
}

function asUser<T>(uid: number, action: () => T): T {
  process.seteuid?.(uid)
  try {
    return action()
  } finally {
    process.seteuid?.(0)
  }
}
