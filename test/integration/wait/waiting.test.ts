// Why a script has not run yet: said while it waits, in its result, and by the doctor before anyone asks. The targets are
// real programs that wait, hold the GIL, are stopped, traced or frozen; what is said of each is known from outside.

import fs from 'node:fs'
import { spawn as spawnOnTerminal } from '@lydell/node-pty'
import { Terminal } from '@xterm/headless'
import { describe, expect, onTestFinished, test } from 'vitest'
import { nowMs } from '../../../src/process/clock.js'
import { attach } from '../../../src/session/attach.js'
import { diagnose } from '../../../src/session/doctor/doctor.js'
import type { ReachInfo, ThreadActivityInfo } from '../../../src/session/documents/index.js'
import { anyInterpreter, type Interpreter, interpreters } from '../../harness/interpreters.js'
import { cliPath, remora } from '../../harness/remora.js'
import { sideBySide } from '../../harness/side-by-side.js'
import { STATEMENT_LINE, spawnStatement, startStatement } from '../../harness/statement.js'
import { startTarget } from '../../harness/target.js'

/** What the document says of a script that is withdrawn. */
async function pendingOf(pid: number, timeoutMs = 450): Promise<ThreadActivityInfo | undefined> {
  await using target = await attach(pid)
  const started = nowMs()
  const { outcome, pending } = await target.exec('raise SystemExit("ran")', { timeoutMs })
  expect(outcome).toBe('withdrawn')
  // It is known for as long as it was looked at.
  expect(pending?.unmovedMs ?? 0).toBeLessThanOrEqual(Math.ceil(nowMs() - started))
  return pending
}

/** Native code that keeps the GIL, as an extension does that does not let go of it. */
const SLEEP_WITH_GIL = '__import__("ctypes").PyDLL(None).sleep(1000)'
const python = expect.stringMatching(/python3|lib-dynload/)

/** What most of these programs do is wait: so does a test, for all interpreters side by side. */
function onEach(name: string, action: (interpreter: Interpreter) => Promise<void>): void {
  test(name, () => sideBySide(interpreters, action))
}

const waits: [code: string, syscall: string, expected: Partial<ThreadActivityInfo>][] = [
  ['pair[0].recv(1)', 'recvfrom', { detail: 'Unix socket' }],
  [
    'server = socket.create_server(("127.0.0.1", 0)); socket.create_connection(server.getsockname()).recv(1)',
    'recvfrom',
    { detail: expect.stringMatching(/^socket to 127\.0\.0\.1:\d+$/) },
  ],
  ['lock.acquire()', 'futex', { detail: 'a lock' }],
  ['lock.acquire(timeout=500)', 'futex', { detail: 'a lock', endsWithinMs: expect.closeTo(450_000, -5) }],
  [
    'time.sleep(500)',
    'clock_nanosleep',
    {
      detail: expect.stringMatching(/^the end of a sleep, in 4\d\d\.\d s$/),
      endsWithinMs: expect.closeTo(450_000, -5),
    },
  ],
  ['select.select([pair[0]], [], [], 60)', 'pselect6', { detail: 'Unix socket', endsWithinMs: 60_000 }],
]
test.each(interpreters)('a system call, its object, its time-out and whose it is, on $name', async (interpreter) => {
  const pids = await Promise.all(waits.map(([code, syscall]) => startStatement(interpreter, code, syscall)))
  const known = {
    state: 'blocked',
    function: '<module>',
    file: '<string>',
    line: STATEMENT_LINE,
    code: { file: python, foreign: false },
    holdsGil: false,
    unmovedMs: expect.any(Number),
  }
  expect(await Promise.all(pids.map((pid) => pendingOf(pid)))).toEqual(
    waits.map(([, syscall, expected]) => ({ ...known, syscall, ...expected })),
  )
})

onEach('native code that sleeps with the GIL, in the main thread', async (interpreter) => {
  const pid = await startStatement(interpreter, SLEEP_WITH_GIL, 'clock_nanosleep')
  const foreign = { file: expect.stringContaining('libffi'), foreign: true }
  expect(await pendingOf(pid)).toMatchObject({ state: 'blocked', holdsGil: true, code: foreign })
  expect(reachOf(pid)).toEqual({
    verdict: 'unreachable',
    reason: expect.stringMatching(/until the system call clock_nanosleep returns: .* keeps the GIL$/),
  })
})

onEach('native code that sleeps with the GIL, in another thread', async (interpreter) => {
  const code = `threading.Thread(target=lambda: ${SLEEP_WITH_GIL}, name="greedy").start(); lock.acquire(timeout=0.1)`
  const program = spawnStatement(interpreter, `print("begun", 1, flush=True)\n${code}`)
  await program.says('begun')
  const { pid } = program
  await using target = await attach(pid)
  const greedy = { name: 'greedy', holdsGil: true, waitingOn: { syscall: 'clock_nanosleep' } }
  await expect.poll(() => target.stack().threads[1], { timeout: 20_000 }).toMatchObject(greedy)
  const gilHolder = { name: 'greedy', waitingOn: { syscall: 'clock_nanosleep' } }
  expect(await pendingOf(pid)).toMatchObject({ holdsGil: false, gilHolder })
  expect(reachOf(pid)).toEqual({
    verdict: 'unreachable',
    reason: expect.stringMatching(/of thread \d+ \(greedy\) returns/),
  })
  const { stderr, code: exitCode } = await remora(['exec', pid, '--timeout', '1', '-c', '1'])
  expect(exitCode).toBe(5)
  expect(stderr).toMatch(/which thread \d+ \(greedy\) holds while it is blocked in the system call clock_nanosleep/)
})

onEach('native code that computes', async (interpreter) => {
  // It says that it has begun from within: no instruction of Python comes after that.
  const first = 'map(functools.partial(os.write, 1), [b"begun 1\\n"])'
  const program = spawnStatement(interpreter, `sum(itertools.chain(${first}, itertools.repeat(0)))`)
  await program.says('begun')
  expect(await pendingOf(program.pid, 1_000)).toMatchObject({
    state: 'running',
    inNativeCall: true,
    holdsGil: true,
    line: STATEMENT_LINE,
    unmovedMs: expect.any(Number),
  })
})

onEach('a target that is stopped while a script waits for it, and goes on', async (interpreter) => {
  const program = await startTarget(interpreter, 'reader.py')
  await program.untilBlockedIn('read')
  await using target = await attach(program.pid)
  const reasons: ThreadActivityInfo[] = []
  const continuations = [() => program.signal('SIGSTOP'), () => program.signal('SIGCONT'), () => program.type('7')]
  const onWaiting = (activity: ThreadActivityInfo): void => {
    // On its way from one to the next, as a busy machine shows it.
    if (activity.state === 'running') return
    reasons.push(activity)
    continuations.shift()?.()
  }
  const { outcome } = await target.exec('1', { timeoutMs: 30_000, onWaiting })
  expect(outcome).toBe('completed')
  expect(reasons.map(({ state, stoppedBy }) => [state, stoppedBy?.by])).toEqual([
    ['blocked', undefined],
    ['stopped', 'signal'],
    ['blocked', undefined],
  ])
  expect(await program.says('total')).toBe(7)
})

onEach('doctor says of a program that computes that a script would run at once', async (interpreter) => {
  const { pid } = await startTarget(interpreter, 'busy.py')
  expect(reachOf(pid)).toEqual({ verdict: 'at-once', reason: expect.stringContaining('at the next safe point') })
})

test.each([
  ['pair[0].recv(1)', 'recvfrom', 'needs-nudge', /when recvfrom on Unix socket returns, or at once with --nudge$/],
  ['lock.acquire()', 'futex', 'needs-nudge', /when futex on a lock returns, or at once with --nudge$/],
  ['time.sleep(500)', 'clock_nanosleep', 'later', /^a script would run at the end of a sleep, in \d\d\d\.\d s$/],
  [
    'selectors.DefaultSelector().select(60)',
    'epoll_wait',
    'later',
    /when epoll_wait on events returns, within 60\.0 s by its own time-out$/,
  ],
  ['signal.pause()', 'pause', 'later', /--nudge would not hasten that: pause would return early to the program$/],
  [
    '__import__("ctypes").CDLL(None).read(0, bytes(1), 1)',
    'read',
    'later',
    /: read was called by libffi\S+, not by Python itself$/,
  ],
])('doctor says how soon a script would run in %s', (code, syscall, verdict, reason) =>
  sideBySide(interpreters, async (interpreter) => {
    const pid = await startStatement(interpreter, code, syscall)
    expect(reachOf(pid)).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
  }),
)

/** The freezers of both versions of cgroups. */
const freezers = [
  { version: 1, root: '/sys/fs/cgroup/freezer', file: 'freezer.state', on: 'FROZEN', off: 'THAWED' },
  { version: 2, root: findUnifiedCgroups(), file: 'cgroup.freeze', on: '1', off: '0' },
]

describe('a target that is held from outside', () => {
  for (const { version, root } of freezers.filter((one) => !isWritable(one.root)))
    console.info(`not tested here: a frozen cgroup of version ${version}, which takes the right to write to ${root}`)

  test.each(freezers.filter(({ root }) => isWritable(root)))(
    'by a frozen cgroup of version $version',
    async ({ root, file, on, off }) => {
      const pid = await startStatement(anyInterpreter, 'pair[0].recv(1)', 'recvfrom')
      const cgroup = fs.mkdtempSync(`${root}/remora-test-`)
      onTestFinished(async () => {
        fs.writeFileSync(`${cgroup}/${file}`, off)
        fs.writeFileSync(`${root}/cgroup.procs`, String(pid))
        fs.rmdirSync(cgroup)
      })
      fs.writeFileSync(`${cgroup}/cgroup.procs`, String(pid))
      fs.writeFileSync(`${cgroup}/${file}`, on)
      const stoppedBy = { by: 'freezer', detail: cgroup.slice(root.length) }
      await expect.poll(() => pendingOf(pid)).toMatchObject({ state: 'stopped', stoppedBy })
      expect(diagnose(pid)).toMatchObject({
        checks: expect.arrayContaining([expect.objectContaining({ id: 'stopped', ok: false })]),
        reach: { verdict: 'unreachable', reason: expect.stringMatching(/^its cgroup \S+ is frozen/) },
      })
    },
  )

  test('by a tracer', async () => {
    const pid = await startStatement(anyInterpreter, 'pair[0].recv(1)', 'recvfrom')
    const code = [
      'import ctypes, os, sys',
      `assert ctypes.CDLL(None).ptrace(16, ${pid}, None, None) == 0`,
      `os.waitpid(${pid}, 0); print("attached", 1, flush=True); sys.stdin.read()`,
    ].join('\n')
    const tracer = spawnStatement(anyInterpreter, code)
    await tracer.says('attached')
    const stoppedBy = { by: 'tracer', detail: expect.stringMatching(`^process ${tracer.pid} \\(\\S+\\)$`) }
    expect(await pendingOf(pid)).toMatchObject({ state: 'stopped', stoppedBy, syscall: 'recvfrom' })
  })
})

test('on a terminal there is one notice, which changes with the reason and goes in the end', async () => {
  const program = await startTarget(anyInterpreter, 'reader.py')
  await program.untilBlockedIn('read')
  const words = [cliPath, 'exec', String(program.pid), '--timeout', '30', '-c', 'print("it ran")']
  const size = { cols: 60, rows: 20 }
  const client = spawnOnTerminal(process.execPath, words, { ...size, env: { PATH: process.env.PATH, TERM: 'xterm' } })
  const terminal = new Terminal({ ...size, allowProposedApi: true })
  const screens: string[] = []
  const continuations = [() => program.signal('SIGSTOP'), () => program.signal('SIGCONT'), () => program.type('7')]
  client.onData((data) => {
    terminal.write(data, () => {
      screens.push(textOf(terminal))
      if (/blocked|stopped/.test(data)) continuations.shift()?.()
    })
  })
  expect(await new Promise((resolve) => client.onExit(({ exitCode }) => resolve(exitCode)))).toBe(0)
  await expect.poll(() => screens.at(-1)).toBe('it ran')
  const reasons = screens.map((screen) => /^remora: waiting for [^:]+: in .*, (\w+ \w+ .*)$/.exec(screen)?.[1])
  const blocked = 'blocked in the system call read on Unix socket'
  expect(reasons.filter((reason) => reason !== undefined)).toEqual([blocked, 'stopped by a signal', blocked])
})

/** What a person sees on it. */
function textOf({ buffer: { active } }: Terminal): string {
  return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '').join('')
}

function reachOf(pid: number): ReachInfo | undefined {
  return diagnose(pid).reach
}

/** Version 2 is mounted alone, or beside version 1. */
function findUnifiedCgroups(): string {
  const [alone, beside] = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']
  return fs.existsSync(`${alone}/cgroup.controllers`) ? alone : beside
}

function isWritable(directory: string): boolean {
  try {
    fs.accessSync(directory, fs.constants.W_OK)
    return true
  } catch {
    return false
  }
}
