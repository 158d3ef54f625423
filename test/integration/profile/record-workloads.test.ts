// `remora record` on programs whose shares are known: what the profile says against the account that each program
// keeps of itself.

import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RecordDocument } from '../../../src/session/documents/index.js'
import {
  cpuTimeBetween,
  errorOfLate,
  now,
  type Range,
  readCpuTimes,
  type Sampled,
  type Span,
  shareOf,
  wantedSeconds,
} from '../../harness/account.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { remora } from '../../harness/remora.js'
import { programPath, startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

const SLEEPERS = ['sleeper 0', 'sleeper 1', 'sleeper 2']
const SECONDS = process.env.REMORA_ROUNDS === undefined ? 1 : 10

/**
 * Two percentage points in ten seconds, and as chance has it for shorter ones. Beside it what the rounds may have seen
 * that were left out because the machine was too busy, and those that came late, as the recording itself says.
 */
function toleranceOf({ rateHz, requestedRateHz, rounds, late, intervalUs }: RecordDocument): number {
  const leftOut = Math.max(1 - rateHz / requestedRateHz, 0)
  return 0.02 * Math.sqrt(10 / SECONDS) + leftOut + errorOfLate(late / rounds, intervalUs.p99 / 1e6, SECONDS)
}

describe.each(interpreters)('$name', (interpreter) => {
  test.each([
    ['split', ['seventy', 'thirty']],
    // As five rounds of a strict clock, which would see the same five moments of each turn.
    ['in_step', ['seventy', 'thirty']],
    ['generators', ['slow_step', 'fast_step']],
  ])('%s: functions have the shares that the program tells', async (workload, names) => {
    const { document, spans, sampled } = await recordWorkload(interpreter, workload)
    for (const name of names) expectShare(document, totalShare(document, name), shareOf(spans, name, sampled))
    expect(document.failed).toBeLessThanOrEqual(document.samples / 100)
  })
})

describe.each(interpreters.filter(({ debug }) => !debug))('$name', (interpreter) => {
  test('recursion: one that calls itself counts once, at any depth', async () => {
    const { document, spans, sampled } = await recordWorkload(interpreter, 'recursion', ['--function'])
    const down = document.functions.find(({ function: name }) => name === 'down')
    const shares = ['10', '2000'].map((depth) => shareOf(spans, depth, sampled).least)
    expect(down?.total).toBeGreaterThan(document.samples * (sumOf(shares) - 0.02))
    expect(down?.total).toBeLessThanOrEqual(document.samples)
  })

  test('two threads that compute share the GIL', async () => {
    const { document, spans, sampled } = await recordWorkload(interpreter, 'pair', ['--mode', 'gil'])
    const names = ['first', 'second']
    // Each takes it for a few milliseconds in turn; the scheduler decides how fairly.
    for (const name of names) {
      expectShare(document, samplesOf(document, name) / document.samples, shareOf(spans, name, sampled, names))
    }
    expect(sumOf(names.map((name) => samplesOf(document, name))) / document.samples).toBeGreaterThan(0.98)
    for (const { holdingGil, samples } of document.threads) expect(holdingGil).toBe(samples)
  })

  test('sleepers: all of them in wall mode, none in cpu mode', { timeout: 60_000 }, async () => {
    const wall = await recordWorkload(interpreter, 'sleepers')
    const share = (document: RecordDocument, name: string): number => samplesOf(document, name) / document.rounds
    for (const name of ['MainThread', ...SLEEPERS, 'worker']) {
      expect(share(wall.document, name), name).toBeGreaterThan(0.95)
    }
    const cpu = await recordWorkload(interpreter, 'sleepers', ['--mode', 'cpu'])
    expect(share(cpu.document, 'MainThread')).toBeLessThan(0.01)
    // A thread that wants to go on and waits for a CPU counts as being on one, and one that has taken the GIL before
    // keeps the worker waiting.
    const dozing = SLEEPERS.map((name) => cpu.wantedShare(name))
    for (const [index, name] of SLEEPERS.entries()) {
      expect(share(cpu.document, name), name).toBeLessThan((dozing[index] as number) + toleranceOf(cpu.document))
    }
    expect(share(cpu.document, 'worker')).toBeGreaterThan(0.8 - sumOf(dozing))
    const idle = await recordWorkload(interpreter, 'sleepers', ['--mode', 'cpu', '--idle'])
    expect(share(idle.document, 'sleeper 0')).toBeGreaterThan(0.95)
  })

  test('tasks: each has its own stack and share, and waiting ones count', async () => {
    const { document, spans, sampled } = await recordWorkload(interpreter, 'tasks', ['--async', '--mode', 'gil'])
    const names = ['large', 'small']
    const running = document.threads.filter(({ task = '' }) => names.includes(task))
    const all = sumOf(running.map(({ samples }) => samples))
    for (const { task = '', samples } of running) {
      expectShare(document, samples / all, shareOf(spans, task, sampled, names))
    }
    const wall = await recordWorkload(interpreter, 'tasks', ['--async'])
    const waiting = wall.document.threads.find(({ task }) => task === 'waiting')
    expect(waiting?.samples).toBeGreaterThan(wall.document.rounds * 0.9)
    expect(waiting?.functions.map(({ function: name }) => name)).toContain('patient')
  })

  test('garbage collection: a mark on top of the stack that set it off', async () => {
    const program = await startTarget(interpreter, 'gc_churn.py')
    const output = path.join(temporaryDirectory(), 'new.collapsed')
    const { stdout } = await remora(['record', program.pid, '-d', SECONDS, '-o', output, '--json'])
    const { threads }: RecordDocument = JSON.parse(stdout)
    const collecting = threads.filter(({ collectingGarbage }) => collectingGarbage > 0)
    expect(collecting.map(({ main }) => main)).toEqual([false])
    const marked = fs.readFileSync(output, 'utf8').match(/^.*<GC>.*$/gm) ?? []
    const lines = fs.readFileSync(programPath('gc_churn.py'), 'utf8').split('\n')
    const collects = lines.findIndex((line) => line.includes('gc.collect(')) + 1
    for (const line of marked)
      expect(line).toMatch(new RegExp(`;churn \\(programs/gc_churn.py:${collects}\\);<GC> \\d+$`))
    const samples = marked.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    expect(samples).toBe(collecting[0]?.collectingGarbage)
    await program.finish()
  })

  test('garbage collection: the code that it runs stands inside of it', async () => {
    const program = await startTarget(interpreter, 'gc_runs_code.py')
    const output = path.join(temporaryDirectory(), 'new.collapsed')
    await remora(['record', program.pid, '-d', SECONDS, '--mode', 'gil', '--function', '-o', output])
    const stacks = fs
      .readFileSync(output, 'utf8')
      .split('\n')
      .filter((line) => /;spin/.test(line))
    const inwards = stacks.map((line) => line.replace(/ \([^)]*\)| \d+$/g, '').split(';churn;')[1])
    // 3.14 does not keep where a collection began.
    const mark = interpreter.version.startsWith('3.14') ? '' : '<GC>;'
    expect(new Set(inwards)).toEqual(new Set([`${mark}Job.__del__;spin`, `${mark}forgotten;spin`]))
    await program.finish()
  })

  test('exceptions: only what runs inside an except block', async () => {
    const { document, spans, sampled } = await recordWorkload(interpreter, 'handling', ['--mode', 'exceptions'])
    expect(totalShare(document, 'inside')).toBeGreaterThan(0.97)
    expectShare(document, document.samples / document.rounds, shareOf(spans, 'inside', sampled))
  })
})

interface Recorded {
  readonly document: RecordDocument
  /** What the program tells, and what time of it that is which was recorded. */
  readonly spans: readonly Span[]
  readonly sampled: Sampled
  /** The most that a thread can have wanted a CPU of that time, as the kernel counts it. */
  wantedShare(thread: string): number
}

async function recordWorkload(
  interpreter: Interpreter,
  workload: string,
  options: readonly string[] = [],
): Promise<Recorded> {
  const program = await startTarget(interpreter, 'workloads.py', { arguments: [workload] })
  const [from, before] = [now(), readCpuTimes(program.pid)]
  const { stdout, stderr, code } = await remora(['record', program.pid, '-d', SECONDS, '--json', ...options])
  const [until, after] = [now(), readCpuTimes(program.pid)]
  expect([stderr, code]).toEqual(['', 0])
  const { result, fingerprint, exit } = await program.finish()
  expect([exit, program.stderr]).toEqual([0, ''])
  expectUnchanged(program.before, fingerprint)
  const document: RecordDocument = JSON.parse(stdout)
  const seconds = document.durationMs / 1000
  const wantedShare = (thread: string): number => {
    const { nativeId } = document.threads.find(({ name }) => name === thread) ?? {}
    return wantedSeconds(cpuTimeBetween(before, after, nativeId)) / seconds
  }
  return { document, spans: result as Span[], sampled: { from, until, seconds }, wantedShare }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0)
}

function totalShare({ functions, samples }: RecordDocument, name: string): number {
  return (functions.find((one) => one.function === name)?.total ?? 0) / samples
}

function samplesOf({ threads }: RecordDocument, name: string): number {
  return threads.find((thread) => thread.name === name)?.samples ?? 0
}

function expectShare(document: RecordDocument, share: number, { least, most }: Range): void {
  const distance = Math.max(least - share, share - most)
  expect(distance, `${share} sampled, ${least} to ${most} true`).toBeLessThan(toleranceOf(document))
}
