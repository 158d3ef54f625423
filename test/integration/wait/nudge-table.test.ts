// Every way to block, on every interpreter: not reached without a nudge, reached with one or left alone with a reason,
// and in each case the program comes to the result, and takes the time, that it would have without us. What came of it
// is docs/blocked-targets.md, which `npm run blocked-table` writes and every other run compares.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attach, type Target } from '../../../src/session/attach.js'
import type { ExecDocument, FrameInfo, ThreadStackInfo } from '../../../src/session/documents/index.js'
import { type BlockedCall, blockedCalls } from '../../harness/blocked-calls.js'
import { BlockedTable } from '../../harness/blocked-table.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { programPath, startTarget, type TestTarget } from '../../harness/target.js'

const documentPath = fileURLToPath(new URL('../../../docs/blocked-targets.md', import.meta.url))
/** Programs that are run at the same time: they sleep most of it. */
const AT_ONCE = 4
/** Between two looks at a thread that is on its way. */
const SETTLED_MS = 50
/** For how long a thread that is to reach no safe point is waited for. */
const UNREACHED_MS = 250
/** How long one that is to reach a safe point may take on a loaded machine. */
const REACHED_MS = 20_000
/** How much longer than asked a wait may take on a loaded machine. */
const LATE_SECONDS = 20

const table = new BlockedTable()
const compiler = findCompiler()
let directory: string

beforeAll(() => {
  directory = fs.mkdtempSync('/tmp/rt-')
  if (compiler === undefined) return
  execFileSync(compiler, ['-shared', '-fPIC', '-O2', '-o', `${directory}/sleeper.so`, programPath('sleeper.c')])
})

afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

describe.each(interpreters)('$name', (interpreter) => {
  const calls = blockedCalls.filter(({ needsCompiler }) => needsCompiler !== true)
  const compiled = blockedCalls.filter(({ needsCompiler }) => needsCompiler === true)

  test('calls of Python', { timeout: 240_000 }, () => visitAll(interpreter, calls))

  test.skipIf(compiler === undefined)(
    `calls of an extension module (needs cc: ${compiler ?? 'not found'})`,
    { timeout: 60_000 },
    () => visitAll(interpreter, compiled),
  )
})

test('docs/blocked-targets.md says what was seen', () => {
  if (process.env.BLOCKED_TABLE === 'write')
    fs.writeFileSync(documentPath, table.replaceIn(fs.readFileSync(documentPath, 'utf8')))
  const { seen, written } = table.compareWith(fs.readFileSync(documentPath, 'utf8'))
  expect(seen, 'bring it up to date with: npm run blocked-table').toEqual(written)
})

async function visitAll(interpreter: Interpreter, calls: readonly BlockedCall[]): Promise<void> {
  const left = [...calls]
  const visitors = Array.from({ length: AT_ONCE }, async () => {
    for (let call = left.shift(); call !== undefined; call = left.shift()) {
      const { name } = call
      await visit(interpreter, call).catch((cause) => {
        throw new Error(`in ${name}: ${cause.message}`, { cause })
      })
    }
  })
  await Promise.all(visitors)
}

async function visit(interpreter: Interpreter, call: BlockedCall): Promise<void> {
  const program = await startTarget(interpreter, 'blocked.py', {
    // What it leaves open at the end is no concern of ours.
    options: ['-W', 'ignore::ResourceWarning'],
    arguments: [call.name, directory],
  })
  const target = await attach(program.pid)
  const state = await untilBlocked(target, call)
  if (call.outcome !== 'itself') await expectUnreached(target, call)
  const document = await ask(target, { timeoutMs: isReached(call) ? REACHED_MS : UNREACHED_MS, nudge: 'safe' })
  target.dispose()
  expectOutcome(document, call)
  await expectUndisturbed(program, call)
  table.add(interpreter, call, { state: state?.state ?? '?', syscall: state?.waitingOn?.syscall, document })
}

/** Waits until the main thread is found in the call twice: in between, it would have come to anything that is left. */
async function untilBlocked(target: Target, { syscalls }: BlockedCall): Promise<ThreadStackInfo | undefined> {
  for (let last: FrameInfo[] | undefined; ; ) {
    const [thread] = target.stack({ thread: 'main', source: false }).threads
    const isThere = thread?.state === 'blocked' && syscalls.includes(thread.waitingOn?.syscall ?? '')
    if (syscalls.length === 0 || (isThere && isDeepStrictEqual(last, thread.frames))) return thread
    last = isThere ? thread.frames : undefined
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS))
  }
}

function isReached({ outcome }: BlockedCall): boolean {
  return typeof outcome === 'string'
}

async function ask(target: Target, options: { timeoutMs: number; nudge?: 'safe' }): Promise<ExecDocument> {
  return target.exec('print("here")', options)
}

async function expectUnreached(target: Target, { name }: BlockedCall): Promise<void> {
  const { outcome, nudged } = await ask(target, { timeoutMs: UNREACHED_MS })
  expect([name, outcome, nudged]).toEqual([name, 'withdrawn', false])
}

function expectOutcome({ outcome, stdout, nudges = [], notNudged = '' }: ExecDocument, call: BlockedCall): void {
  const seen = { name: call.name, outcome, stdout, last: nudges.at(-1)?.method, notNudged }
  if (call.outcome === 'itself') {
    expect(seen).toMatchObject({ outcome: 'completed', stdout: 'here\n', last: undefined })
  } else if (typeof call.outcome === 'string') {
    expect(seen).toMatchObject({ outcome: 'completed', stdout: 'here\n', last: call.outcome })
    for (const { stopUs } of nudges) expect(stopUs).toBeGreaterThan(0)
  } else {
    expect(seen).toMatchObject({
      outcome: 'withdrawn',
      last: undefined,
      notNudged: expect.stringMatching(call.outcome),
    })
  }
}

/** The program's own account: the result of the call, and its seconds. */
async function expectUndisturbed(program: TestTarget, call: BlockedCall): Promise<void> {
  program.type('')
  const { result, exit } = await program.finish()
  const { value, seconds } = result as { value: unknown; seconds: number }
  expect([call.name, value, exit, program.stderr]).toEqual([call.name, call.value, 0, ''])
  if (call.seconds === undefined) return
  // Clocks of the kernel are coarse by a few milliseconds.
  expect(seconds, call.name).toBeGreaterThan(call.seconds - 0.01)
  expect(seconds, call.name).toBeLessThan(call.seconds + LATE_SECONDS)
}

function findCompiler(): string | undefined {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' })
    return 'cc'
  } catch {
    return undefined
  }
}
