// `remora trace` as people call it: its options, its file, and its screen.

import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import type { Readable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import type { TraceDocument } from '../../../src/session/documents/index.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { expectGolden } from '../../harness/golden.js'
import { anyInterpreter } from '../../harness/interpreters.js'
import { type RunningCli, remora, startRemora } from '../../harness/remora.js'
import { keys, openScreen } from '../../harness/screen.js'
import { programPath, startTarget, type TestTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

const AMPLE = ['--budget', 'cpu=10000%,events=1000000,bytes=1000000000']

test('a probe that costs too much even asleep is switched off', { timeout: 60_000 }, async () => {
  const program = await startTarget(anyInterpreter, 'traced_crowd.py')
  const running = startRemora(['trace', program.pid, 'crowd.* count', 'hot', '--json', '--budget', 'cpu=0.01%'])
  const events = await readUntil(running, ({ consequence }) => consequence === 'off')
  const budgets = events.filter(({ event, probe }) => event === 'budget' && probe === 0)
  expect(budgets.map(({ budget, consequence }) => [budget, consequence])).toEqual([
    ['cpu', 'sampling'],
    ['cpu', 'off'],
  ])
  program.type('')
  expect(await program.says('watched')).toBe(0)
  running.child.kill('SIGINT')
  const { code, complaints } = await running.result
  expect([code, complaints]).toEqual([0, ''])
  await expectUndisturbed(program)
})

test('--children: the Python processes below as well, each event with its own', async () => {
  const program = await startTarget(anyInterpreter, 'traced_crowd.py')
  const running = startRemora(['trace', program.pid, '--children', 'hot(args)', '--json'])
  const seen = new Set<number>()
  await readUntil(running, ({ event, pid }) => event === 'hit' && seen.add(pid).size === 2)
  running.child.kill('SIGINT')
  const { stdout } = await running.result
  const ended = parseLines(stdout).filter(({ event, probe }) => event === 'detached' && probe === undefined)
  expect(new Set(ended.map(({ pid, reason }) => `${pid} ${reason}`))).toEqual(
    new Set([...seen].map((pid) => `${pid} stopped`)),
  )
  program.type('')
  await program.says('watched')
  await expectUndisturbed(program)
})

test('every N and sample P% report their part, from the first to the last', async () => {
  const program = await startTarget(anyInterpreter, 'traced.py')
  const probes = ['hot {number} every 250', 'hot {number} sample 10%', 'hot {number} if number > 997']
  const events = await trace(program, ['hot 1000'], [...probes, ...AMPLE])
  const numbers = (probe: number) =>
    events.filter((one) => one.event === 'hit' && one.probe === probe).map(({ values }) => Number(values?.[0]?.text))
  expect(numbers(0)).toEqual([249, 499, 749, 999])
  expect(numbers(2)).toEqual([998, 999])
  const sample = numbers(1)
  expect(sample.length).toBeGreaterThanOrEqual(98)
  expect(sample.length).toBeLessThanOrEqual(102)
  expect(sample).toEqual([...new Set(sample)].toSorted((a, b) => a - b))
  // Spread over all: no tenth is left out.
  expect(new Set(sample.map((one) => Math.floor(one / 100))).size).toBe(10)
  await expectUndisturbed(program)
})

test('--dry-run counts for a second, attaches nothing else, and says what it would cost', async () => {
  const program = await startTarget(anyInterpreter, 'traced.py')
  const running = startRemora(['trace', program.pid, 'hot {number}', 'place_order snapshot', '--dry-run', '--json'])
  await readUntil(running, ({ event, probe }) => event === 'attached' && probe === 1)
  program.type('hot 1000')
  await program.says('log')
  const performedAt = Date.now()
  const events = parseLines((await running.result).stdout)
  expect(events.map(({ event, probe, reason }) => [event, probe, reason])).toEqual([
    ['attached', 0, undefined],
    ['attached', 1, undefined],
    ['estimate', 0, undefined],
    ['estimate', 1, undefined],
  ])
  const [first, second] = events.filter(({ event }) => event === 'estimate')
  // On a busy machine the second may have been over before.
  if (performedAt < Date.parse(first?.at ?? '')) expect(first).toMatchObject({ hitsPerSecond: 1000 })
  else expect(first?.hitsPerSecond).toBeLessThanOrEqual(1000)
  expect(first?.cpuShare).toBeCloseTo(((first?.costUs ?? 0) * (first?.hitsPerSecond ?? 0)) / 1e6, 6)
  expect(second).toMatchObject({ hitsPerSecond: 0, cpuShare: 0 })
  await expectUndisturbed(program)
})

test('-o FILE has every event as a JSON line, while the screen has the table', async () => {
  const program = await startTarget(anyInterpreter, 'traced.py')
  const file = path.join(temporaryDirectory(), 'events.jsonl')
  const running = startRemora(['trace', program.pid, 'hot {number, "\\x1b[31m"}', '-n', '3', '-o', file])
  await once(running.child.stdout as Readable, 'data')
  program.type('hot 5')
  const { code, stdout } = await running.result
  expect(code).toBe(0)
  const events = parseLines(fs.readFileSync(file, 'utf8'))
  expect(events.map(({ event }) => event)).toEqual(['attached', 'hit', 'hit', 'hit', 'detached', 'detached'])
  expect(events.filter(({ event }) => event === 'hit').map(({ values }) => values?.[0]?.text)).toEqual(['0', '1', '2'])
  expect(toGoldenText(stdout)).toMatch(/\n(TIME {2}__main__\.hot traced\.py:LINE {2}number=\d {2}.*\n){3}detached/)
  // What could move the cursor is shown, not sent.
  expect(stdout).not.toContain('\x1b')
  await program.says('log')
  await expectUndisturbed(program)
})

test('what fails in a probe is said once, and what has reported nothing at the end', async () => {
  const program = await startTarget(anyInterpreter, 'traced.py')
  const probes = ['hot {number} if number > 50', 'place_order', 'hot sum(missing)']
  const file = path.join(temporaryDirectory(), 'events.jsonl')
  const running = startRemora(['trace', program.pid, ...probes, '-o', file, ...AMPLE])
  const attached = (): boolean =>
    fs.existsSync(file) && fs.readFileSync(file, 'utf8').split('\n').length > probes.length
  await vi.waitUntil(attached, { timeout: 20_000, interval: 5 })
  program.type('hot 10')
  await program.says('log')
  running.child.kill('SIGINT')
  const [error, ...end] = toGoldenText((await running.result).stdout)
    .split('\n')
    .slice(7, -1)
  expect(error).toBe("TIME  error in a probe at hot: <NameError: name 'missing' is not defined>")
  expect(end).toEqual([
    '#3 hot sum(missing)',
    'COUNT  SUM missing',
    '10     -',
    '#1 10 hits, none reported',
    '#2 no hits',
    `detached from ${program.pid}: stopped; it took TIME of CPU time, 10 errors in probes`,
  ])
  await expectUndisturbed(program)
})

test('aggregations are redrawn in place on a terminal, below the lines that stay', async () => {
  const program = await startTarget(anyInterpreter, 'traced.py')
  const probes = ['hot hist(number)', 'place_order {factor} every 4', 'hot count sum(number) by number % 3']
  const screen = openScreen(['trace', program.pid, ...probes, ...AMPLE], { columns: 160, rows: 40 })
  await screen.until(/#3 hot.*\n {3}at .*\n/)
  program.type('hot 16')
  await program.says('log')
  await screen.until(/^16\n(?:.*\n)+^5 +40 +2$/m)
  program.type('rounds 8')
  await program.says('log')
  program.type('hot 16')
  await program.says('log')
  await screen.until(/^32\n(?:.*\n)+^10 +80 +2$/m)
  screen.type(keys.ctrlC)
  expect(await screen.exited()).toBe(0)
  expectGolden(toGoldenText(screen.text), 'trace-aggregates', [[String(program.pid), 'PID']])

  // A small terminal shows what fits, and that once.
  const small = openScreen(['trace', program.pid, 'hot hist(number)', ...AMPLE], { columns: 40, rows: 12 })
  await small.until(/at __main__/)
  for (const count of [16, 32]) {
    program.type('hot 16')
    await program.says('log')
    await small.until(new RegExp(`^${count}\\n(?:.*\\n)+… \\d+ more lines$`, 'm'))
  }
  expect(small.text.match(/^COUNT$/gm)).toHaveLength(1)
  small.type(keys.ctrlC)
  expect(await small.exited()).toBe(0)
  await expectUndisturbed(program)
})

test('what cannot be is said before anything is attached', async () => {
  const program = await startTarget(anyInterpreter, 'traced.py')
  const refused = async (...words: string[]) => {
    const { code, stdout, stderr } = await remora(['trace', program.pid, ...words])
    return [code, stdout, stderr.split('\n')[0]]
  }
  const none = temporaryDirectory()
  expect(await refused('hot', '-o', path.join(none, 'no', 'file'))).toEqual([
    2,
    '',
    expect.stringMatching(/^remora: cannot write to .*: ENOENT/),
  ])
  for (const [words, problem] of [
    [['hot', '--budget', 'cpu=lots'], '--budget takes limits such as cpu=5%,events=100,bytes=1000000, not cpu=lots'],
    [['hot', '--for', 'ever'], '--for takes a time such as 5 or 500ms, not ever'],
    [['hot', '--slower', '1h'], '--slower takes a time such as 5 or 500ms, not 1h'],
    [['hot', '-n', '0'], '--hits takes a number from 1 on'],
    [['hot every 0'], 'invalid probe at column 11: expected a number, as in every 100'],
    [[], 'name a target and at least one probe'],
  ] as const) {
    const [code, stdout, first] = await refused(...words)
    expect([code, stdout]).toEqual([2, ''])
    expect(first).toBe(`remora: ${problem}`)
  }
  await expectUndisturbed(program)
})

async function expectUndisturbed(program: TestTarget): Promise<void> {
  const { fingerprint, exit } = await program.finish()
  expect([exit, program.stderr]).toEqual([0, ''])
  expectUnchanged(program.before, fingerprint, ['_ast', '_operator', '_signal'])
}

/** All events of a trace that lasts while the program performs the commands. */
async function trace(program: TestTarget, commands: string[], words: readonly string[]): Promise<TraceDocument[]> {
  const running = startRemora(['trace', program.pid, ...words, '--json'])
  const count = words.indexOf('--budget')
  await readUntil(running, ({ event, probe }) => event === 'attached' && probe === count - 1)
  for (const command of commands) {
    program.type(command)
    await program.says('log')
  }
  running.child.kill('SIGINT')
  return parseLines((await running.result).stdout)
}

/** The events up to the first that is meant. */
async function readUntil({ child }: RunningCli, isMeant: (event: TraceDocument) => boolean): Promise<TraceDocument[]> {
  const events: TraceDocument[] = []
  return new Promise((resolve, reject) => {
    const lines = readline.createInterface({ input: child.stdout as Readable })
    lines.on('line', (line) => {
      const event = JSON.parse(line) as TraceDocument
      events.push(event)
      if (isMeant(event)) resolve(events)
    })
    lines.on('close', () => reject(new Error(`it ended before: ${JSON.stringify(events.at(-1))}`)))
  })
}

function parseLines(text: string): TraceDocument[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TraceDocument)
}

/** Without what differs from run to run. */
function toGoldenText(text: string): string {
  return text
    .replace(/^.*attached to/ms, 'attached to')
    .replaceAll(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME')
    .replaceAll(/(CPython) [\w.+]+/g, '$1 VERSION')
    .replaceAll(programPath('traced.py'), 'traced.py')
    .replaceAll(/traced\.py:\d+/g, 'traced.py:LINE')
    .replaceAll(/took .* of CPU/g, 'took TIME of CPU')
}
