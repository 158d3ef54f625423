// `remora top` on programs that keep account of themselves: its documents and its text, what it says when something
// happens to the process, and how it leaves it.

import fs from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import type { TopDocument } from '../../../src/session/documents/index.js'
import {
  type CpuTime,
  cpuTimeBetween,
  errorOfLate,
  now,
  readCpuTimes,
  type Sampled,
  type Span,
  shareOf,
  wantedSeconds,
} from '../../harness/account.js'
import { checkoutFolder } from '../../harness/checkout.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { anyInterpreter, type Interpreter, interpreters } from '../../harness/interpreters.js'
import { remora, startRemora } from '../../harness/remora.js'
import { startTarget } from '../../harness/target.js'

/** More than usual, so that a second is enough. */
const RATE_HZ = 1000
/** What was missed for longer is left out. */
const MADE_UP_FOR_SECONDS = 0.1
const SECONDS = process.env.REMORA_ROUNDS === undefined ? '2' : '10'

/**
 * Two percentage points in ten seconds, and as chance has it for shorter ones: its error goes with the root of the time.
 * Beside it what the rounds may have seen that were left out because the machine was too busy, and those that came late.
 */
const toleranceOf = ({ rateHz, rounds, late }: TopDocument): number =>
  0.02 * Math.sqrt(10 / Number(SECONDS)) +
  Math.max(1 - rateHz / RATE_HZ, 0) +
  errorOfLate(late / rounds, MADE_UP_FOR_SECONDS, Number(SECONDS))

describe.each(interpreters)('$name', (interpreter) => {
  test('functions and lines have the shares that the program tells', async () => {
    const { last, spans, sampled } = await watchWorkload(interpreter, 'split', [
      '--rate',
      String(RATE_HZ),
      '--duration',
      SECONDS,
      '--window',
      SECONDS,
    ])
    for (const name of ['seventy', 'thirty']) {
      const share = (last.functions.find((one) => one.function === name)?.total ?? 0) / last.samples
      const { least, most } = shareOf(spans, name, sampled)
      expect(
        Math.max(least - share, share - most),
        `${name}: ${share} sampled at ${last.rateHz} Hz, ${least} to ${most} true`,
      ).toBeLessThan(toleranceOf(last))
      const lines = last.lines.filter((one) => one.function === name)
      const self = last.functions.find((one) => one.function === name)?.self
      expect(lines.reduce((sum, line) => sum + line.self, 0)).toBe(self)
    }
  })
})

describe.each(interpreters.filter(({ debug }) => !debug))('$name', (interpreter) => {
  test('two threads that compute share the GIL, and want a CPU all the time', async () => {
    const { last, cpuTimeOf } = await watchWorkload(interpreter, 'pair')
    const [first, second] = ['first', 'second'].map((name) => threadOf(last, name))
    // Nobody has it while the one whose turn it is waits for a CPU.
    const least = 0.95 - (cpuTimeOf('first').queued + cpuTimeOf('second').queued) / (last.windowMs / 1000)
    expect(((first?.holdingGil ?? 0) + (second?.holdingGil ?? 0)) / last.rounds).toBeGreaterThan(least)
    expect(threadOf(last, 'MainThread')).toMatchObject({ holdingGil: 0, main: true })
    expect(last.history.at(-1)?.holdingGil).toBeGreaterThan(least)
    expect(last.history.at(-1)?.holdingGil).toBeLessThanOrEqual(1.01)
    for (const thread of [first, second]) expect(namesOf(thread)).toContain('pair.<locals>.compute')
  })

  test('sleepers wait, a worker works', async () => {
    const { last, cpuTimeOf } = await watchWorkload(interpreter, 'sleepers', ['--mode', 'cpu'])
    expect(last.threads.map(({ name }) => name).toSorted()).toEqual([
      'MainThread',
      'sleeper 0',
      'sleeper 1',
      'sleeper 2',
      'worker',
    ])
    let dozing = 0
    for (const name of ['sleeper 0', 'sleeper 1', 'sleeper 2']) {
      // A thread that wants to go on and waits for a CPU counts as being on one.
      const wanted = wantedSeconds(cpuTimeOf(name)) / (last.windowMs / 1000)
      expect((threadOf(last, name)?.onCpu ?? 0) / last.rounds, name).toBeLessThan(wanted + toleranceOf(last))
      expect(namesOf(threadOf(last, name))).toContain('sleepers.<locals>.doze')
      dozing += wanted
    }
    // One that has taken the GIL before keeps the worker waiting.
    const { onCpu = 0 } = threadOf(last, 'worker') ?? {}
    expect(onCpu / last.rounds).toBeGreaterThan(0.8 - dozing)
    const compute = last.functions.find((one) => one.function === 'sleepers.<locals>.compute')
    expect(compute?.total).toBeGreaterThan(0.95 * onCpu)
  })

  test('tasks are listed, and with --async they are threads of their own', async () => {
    const { last } = await watchWorkload(interpreter, 'tasks', ['--async'])
    expect(last.taskCount).toBe(4)
    expect(last.tasks.map(({ name }) => name).toSorted()).toEqual(['Task-1', 'large', 'small', 'waiting'])
    expect(last.tasks.find(({ name }) => name === 'waiting')).toMatchObject({ state: 'waiting', function: 'sleep' })
    expect(last.threads.map(({ task }) => task)).toEqual(expect.arrayContaining(['large', 'small', 'waiting']))
  })
})

test('a stream has a document each interval, and ends with its time', async () => {
  const { documents } = await watchWorkload(anyInterpreter, 'split', ['--interval', '0.2', '--window', '0.2'])
  expect(documents.length).toBeGreaterThan(2)
  expect(documents.map(({ ended }) => ended)).toEqual([...documents.slice(1).map(() => undefined), 'time'])
  const validate = new Ajv({ allErrors: true }).compile(
    JSON.parse(fs.readFileSync(path.join(checkoutFolder, 'dist/schemas/top.json'), 'utf8')),
  )
  for (const document of documents) expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
})

test('the library gives the same as objects, for as long as one asks', async () => {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
  await using target = await attach(program.pid)
  const seen: TopDocument[] = []
  for await (const document of target.top({ intervalMs: 100, thread: 'main' })) {
    if (seen.push(document) === 3) break
  }
  expect(seen.map(({ target: { pid }, ended }) => [pid, ended])).toEqual(seen.map(() => [program.pid, undefined]))
  expect(seen.at(-1)?.functions.map(({ function: name }) => name)).toContain('seventy')
  await program.finish()
})

test('--once prints one look as text', async () => {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
  const { stdout, stderr, code } = await remora(['top', program.pid, '--once', '--interval', '0.3', '--sort', 'total'])
  expect([stderr, code]).toEqual(['', 0])
  expect(stdout).not.toContain('\x1b')
  const plain = stdout.replace(/[\d.]+ %/g, '# %').replace(/ +/g, ' ')
  expect(plain).toMatch(/^\d+ .*\/workloads\.py split \(Python 3\.1\d\.\S+\)\n/)
  // On every stack or nearly so, in 0.3 s: which of them comes first is decided by few samples.
  expect(plain).toMatch(
    /\n self total function defined at\n # % # % (<module>|split|thirty|seventy) workloads\.py:\d+\n/,
  )
  expect(plain).toMatch(/\n # % # % <module> workloads\.py:1\n/)
  expect(plain).toMatch(/\n # % # % split workloads\.py:\d+\n/)
  expect(plain).toMatch(/\n # % # % seventy workloads\.py:\d+\n/)
  expect(plain).toMatch(/\n CPU GIL thread name at\n ?# % # % \d+ MainThread \w+/)
  const unattended = await remora(['top', program.pid, '--interval', '0.1'])
  expect([unattended.code, unattended.stdout.slice(0, 9)]).toEqual([0, stdout.slice(0, 9)])
  await program.finish()
})

test('--once with --json is one document', async () => {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
  const { stdout, code } = await remora(['top', program.pid, '--once', '--json', '--interval', '0.2'])
  expect([code, toDocuments(stdout).map(({ target: { pid }, ended }) => [pid, ended])]).toEqual([
    0,
    [[program.pid, undefined]],
  ])
  await program.finish()
})

test('children are watched with --children, each under its own number', async () => {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['family'] })
  const pidsOf = ({ threads }: TopDocument): number[] => threads.map(({ pid }) => pid).toSorted()
  const stream = startStream(program.pid, '--children')
  await stream.until(({ threads }) => threads.length === 3)
  stream.child.kill('SIGINT')
  const family = [program.pid, ...childrenOf(program.pid)].toSorted()
  expect(pidsOf((await stream.end()).at(-1) as TopDocument)).toEqual(family)
  const alone = await remora(['top', program.pid, '--once', '--json', '--interval', '0.2'])
  expect(toDocuments(alone.stdout).map(pidsOf)).toEqual([[program.pid]])
  const { exit } = await program.finish()
  expect([exit, program.stderr]).toEqual([0, ''])
})

describe('when something happens', () => {
  test('a target that ends: the last document says so', async () => {
    const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
    const stream = startStream(program.pid)
    await stream.untilSeen(1)
    await program.kill()
    const documents = await stream.end()
    expect(documents.at(-1)?.ended).toBe('exited')
    expect(documents.at(-1)?.functions.map(({ function: name }) => name)).toContain('seventy')
  })

  test('a target that is stopped, and goes on', async () => {
    const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
    const stream = startStream(program.pid)
    await stream.untilSeen(1)
    program.signal('SIGSTOP')
    await stream.until(({ stopped }) => stopped)
    program.signal('SIGCONT')
    await stream.until(({ stopped }) => !stopped)
    stream.child.kill('SIGINT')
    expect((await stream.end()).at(-1)?.ended).toBe('stopped')
    await program.finish()
  })

  test('a reader that goes ends it without a word', async () => {
    const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
    const stream = startStream(program.pid)
    await stream.untilSeen(1)
    stream.child.stdout?.destroy()
    expect(await stream.result).toMatchObject({ code: 1, stderr: '' })
    await program.finish()
  })

  test('what it becomes with exec is watched on', async () => {
    const program = await startTarget(anyInterpreter, 'replaced.py', { arguments: ['python'] })
    const stream = startStream(program.pid)
    await stream.untilSeen(1)
    program.type('go')
    await program.says('again')
    await stream.until(({ functions }) => functions.some(({ function: name }) => name === 'second'))
    await program.finish()
    expect((await stream.end()).at(-1)?.ended).toBe('exited')
  })

  test('who cannot be watched is told why', async () => {
    const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
    const results = await Promise.all([
      remora(['top', program.pid, '--thread', 'nobody', '--json']),
      remora(['top', 4194300, '--once']),
      remora(['top', program.pid, '--sort', 'name']),
    ])
    expect(results.map(({ code }) => code)).toEqual([2, 4, 2])
    expect(JSON.parse(results[0]?.stdout ?? '')).toMatchObject({ code: 'THREAD_NOT_FOUND' })
    expect(results[2]?.stderr).toContain('--sort is one of self, total, not name')
    await program.finish()
  })
})

interface Watched {
  readonly documents: readonly TopDocument[]
  readonly last: TopDocument
  /** What the program tells, and what time of it that is which the last document is about. */
  readonly spans: readonly Span[]
  readonly sampled: Sampled
  /** What the kernel counts of a thread, in this time and some more. */
  cpuTimeOf(thread: string): CpuTime
}

async function watchWorkload(
  interpreter: Interpreter,
  workload: string,
  options: readonly string[] = [],
): Promise<Watched> {
  const program = await startTarget(interpreter, 'workloads.py', { arguments: [workload] })
  const words = ['top', program.pid, '--json', '--duration', 1, '--rate', RATE_HZ, ...options]
  const [from, before] = [now(), readCpuTimes(program.pid)]
  const { stdout, stderr, code } = await remora(words)
  const [until, after] = [now(), readCpuTimes(program.pid)]
  expect([stderr, code]).toEqual(['', 0])
  const { result, fingerprint, exit } = await program.finish()
  expect([exit, program.stderr]).toEqual([0, ''])
  expectUnchanged(program.before, fingerprint)
  const documents = toDocuments(stdout)
  const last = documents.at(-1) as TopDocument
  return {
    documents,
    last,
    spans: result as Span[],
    sampled: { from, until, seconds: last.windowMs / 1000 },
    cpuTimeOf: (name) => cpuTimeBetween(before, after, threadOf(last, name)?.nativeId),
  }
}

/** A stream that is left running, and what it has said so far. */
function startStream(pid: number, ...options: readonly string[]) {
  const { child, result } = startRemora(['top', pid, '--json', '--interval', '0.1', '--window', '1', ...options])
  const seen: TopDocument[] = []
  let watch = (): void => {}
  let text = ''
  child.stdout?.on('data', (piece: Buffer) => {
    text += piece.toString()
    const end = text.lastIndexOf('\n') + 1
    seen.push(...toDocuments(text.slice(0, end)))
    text = text.slice(end)
    watch()
  })
  /** Resolves at the next document that is as wanted. */
  const until = (isWanted: (document: TopDocument) => boolean): Promise<void> => {
    const start = seen.length
    return new Promise((resolve) => {
      watch = () => void (seen.slice(start).some(isWanted) && resolve())
    })
  }
  return {
    child,
    result,
    until,
    untilSeen: (count: number) => until(() => seen.length >= count),
    end: async (): Promise<TopDocument[]> => {
      expect(await result).toMatchObject({ code: 0, stderr: '' })
      return seen
    },
  }
}

function toDocuments(text: string): TopDocument[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

function threadOf({ threads }: TopDocument, name: string): TopDocument['threads'][number] | undefined {
  return threads.find((thread) => thread.name === name)
}

function namesOf(thread: TopDocument['threads'][number] | undefined): (string | undefined)[] {
  return thread?.frames.map(({ qualifiedName }) => qualifiedName) ?? []
}

function childrenOf(pid: number): number[] {
  return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}
