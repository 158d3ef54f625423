// Traces of generated programs against what these note of themselves: each event is a true one, in the thread, the task and
// the order in which it happened, and below the budget none is missing. REMORA_SEED repeats a run, REMORA_ROUNDS makes more.

import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import type { TraceDocument, TraceGroupInfo } from '../../../src/session/documents/index.js'
import type { TraceOptions } from '../../../src/session/run/trace.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { type GeneratedModule, generateModule } from '../../harness/generated-module.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget, type TestTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

type Note = readonly [kind: string, function_: string, thread: string, task: string | null, values: readonly unknown[]]

const MODULES = Number(process.env.REMORA_ROUNDS ?? 3)
const SEED = Number(process.env.REMORA_SEED ?? Math.floor(Math.random() * 1e6))
const AMPLE: TraceOptions = { budget: { cpuShare: 100, eventsPerSecond: 1e9, bytesPerSecond: 1e12 } }
const THREADS = 2

describe.each(interpreters)('$name', (interpreter) => {
  test(`programs of seed ${SEED}: nothing but the truth, and all of it`, async () => {
    const modules = generate(SEED)
    const program = await startGenerated(modules)
    const checks = modules.flatMap(toChecks)
    const { notes, events } = await traced(
      program,
      checks.map(({ probe }) => probe),
      { run: `2 ${THREADS}`, options: AMPLE },
    )
    expect(events.filter(({ event }) => event === 'error' || event === 'dropped' || event === 'budget')).toEqual([])
    for (const [index, { probe, expected, seen }] of checks.entries()) {
      const mine = events.filter((one) => one.probe === index)
      const hits = mine.filter(({ event }) => event === 'hit' || event === 'return')
      const groups = mine.findLast(({ event }) => event === 'aggregate')?.groups ?? []
      expect.soft(seen(hits, groups), `seed ${SEED}: ${probe}`).toEqual(expected(notes))
    }
    await expectUndisturbed(program)
  })

  test(`programs of seed ${SEED}, far above the budget: what is seen has happened`, async () => {
    const modules = generate(SEED)
    const program = await startGenerated(modules)
    const probes = modules.flatMap(({ name }) => [`${name}.*(args) -> result`, `${name}.* time by args.n`])
    const options = { budget: { cpuShare: 0.002, eventsPerSecond: 1e9, bytesPerSecond: 1e12 } }
    const { notes, events } = await traced(program, probes, { run: `40 ${THREADS}`, options })
    const properties = modules.flatMap((one) => one.properties)
    const ends = new Set(notes.flatMap((note) => toEnd(note, properties)).map((one) => JSON.stringify(one)))
    const seen = events.filter((one) => one.event === 'return' && isNoted(one)).map(toSeenEnd)
    expect(
      seen.filter((one) => !ends.has(JSON.stringify(one))),
      `seed ${SEED}`,
    ).toEqual([])
    expect(seen.length).toBeLessThan(ends.size)
    await expectUndisturbed(program)
  })

  async function startGenerated(modules: readonly GeneratedModule[]): Promise<TestTarget> {
    const directory = temporaryDirectory()
    for (const { name, source } of modules) fs.writeFileSync(path.join(directory, `${name}.py`), source)
    return startTarget(interpreter, 'generated.py', { arguments: [directory, String(modules.length)] })
  }
})

async function expectUndisturbed(program: TestTarget): Promise<void> {
  const { fingerprint, exit } = await program.finish()
  expect([exit, program.stderr]).toEqual([0, ''])
  expectUnchanged(program.before, fingerprint, ['_operator', '_signal'])
}

function generate(seed: number): GeneratedModule[] {
  return Array.from({ length: MODULES }, (_, index) => generateModule(`gen${index}`, seed * 1000 + index))
}

/** A probe, what it has to say after these notes, and what it has said. */
interface Check {
  readonly probe: string
  expected(notes: readonly Note[]): unknown
  seen(hits: readonly TraceDocument[], groups: readonly TraceGroupInfo[]): unknown
}

function toChecks(module: GeneratedModule): Check[] {
  return [
    ...callChecks(module),
    ...lineChecks(module),
    ...momentChecks(module),
    ...conditionChecks(`${module.name}.f0`),
  ]
}

function callChecks({ name, properties }: GeneratedModule): Check[] {
  return [
    {
      probe: `${name}.*(args) -> result`,
      expected: (notes) => byThread(notes.filter(isOf(name)).flatMap((note) => toEnd(note, properties))),
      seen: (events) => byThread(events.filter(isNoted).map(toSeenEnd)),
    },
    {
      probe: `${name}.* count by function`,
      expected: (notes) => countBy(notes.filter(isOf(name, 'enter')).map(([, where]) => where)),
      seen: (_, groups) => Object.fromEntries(groups.map(({ key, count }) => [key[0], count])),
    },
  ]
}

function lineChecks({ name, lines }: GeneratedModule): Check[] {
  return lines.map((line) => ({
    probe: `${name}.py:${line} {n, x}`,
    expected: (notes) =>
      byThread(
        notes.flatMap(([kind, where, thread, task, [n, at, x]]) =>
          kind === 'line' && where === `${name}.py` && at === line ? [[thread, [task, n, x]]] : [],
        ),
      ),
    seen: (events) => byThread(events.map((one) => [String(one.thread), [one.task ?? null, ...numbersOf(one)]])),
  }))
}

/** Where exceptions start, and where generators and coroutines suspend and go on. */
function momentChecks({ name }: GeneratedModule): Check[] {
  const moments = ['yield', 'await', 'resume'].map((kind) => ({
    probe: `${kind} ${name}.* {n}`,
    expected: (notes: readonly Note[]) => byThread(notes.filter(isOf(name, kind)).map(toMoment)),
    seen: (events: readonly TraceDocument[]) => byThread(events.filter(isNoted).map(toSeenMoment)),
  }))
  const raised: Check = {
    probe: `raise ValueError in ${name}.* {n, error}`,
    expected: (notes) =>
      byThread(
        notes
          .filter(isOf(name, 'raise'))
          .filter(([, , , , [, type]]) => type !== 'KeyError')
          .map(toMoment),
      ),
    seen: (events) => byThread(events.map(toSeenMoment)),
  }
  return [...moments, raised]
}

function conditionChecks(name: string): Check[] {
  const entered = (notes: readonly Note[]) => notes.filter(([kind, where]) => kind === 'enter' && where === name)
  return [
    {
      probe: `entry ${name} if k > 1 {n, k}`,
      expected: (notes) => {
        const meant = entered(notes).filter(([, , , , [, k]]) => Number(k) > 1)
        return byThread(meant.map(([, , thread, , values]) => [thread, values]))
      },
      seen: (events) => byThread(events.map((one) => [String(one.thread), numbersOf(one)])),
    },
    {
      probe: `entry ${name} every 3`,
      expected: (notes) => Math.floor(entered(notes).length / 3),
      seen: (events) => events.length,
    },
    {
      probe: `${name} sum(k) min(k) max(k) avg(n)`,
      expected: (notes) => {
        const values = entered(notes).map(([, , , , [n, k]]) => [Number(n), Number(k)] as const)
        const all = values.map(([, k]) => k)
        return [values.length, sumOf(all), Math.min(...all), Math.max(...all), sumOf(values.map(([n]) => n))]
      },
      seen: (_, [group]) => {
        const [sum, min, max, average] = group?.measures ?? []
        return [group?.count, sum?.sum, min?.min, max?.max, average?.sum]
      },
    },
  ]
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0)
}

/** Whether a note is of a module, and of a kind. */
function isOf(module: string, kind?: string): (note: Note) => boolean {
  return ([what, where]) => where.startsWith(`${module}.`) && (kind === undefined || what === kind)
}

/** Generator expressions note only that they have begun. */
function isNoted({ function: name }: TraceDocument): boolean {
  return name?.endsWith('<genexpr>') === false
}

type InThread = readonly [thread: string, what: unknown]

function toMoment([, where, thread, task, [n]]: Note): InThread {
  return [thread, [where, task, n]]
}

function toSeenMoment(event: TraceDocument): InThread {
  return [String(event.thread), [event.function, event.task ?? null, numbersOf(event)[0]]]
}

/** The end of a call, as the program notes it. */
function toEnd([kind, where, thread, task, [n, value]]: Note, properties: readonly string[]): InThread[] {
  const outcome = kind === 'leave' ? toPython(value) : `${value}`
  const number = properties.includes(where) ? null : Number(n)
  return kind === 'leave' || kind === 'unwind' ? [[thread, [where, task, number, outcome]]] : []
}

function toSeenEnd(event: TraceDocument): InThread {
  const outcome = event.error === undefined ? event.result?.text : event.error.text.replace(/\(.*/s, '')
  const number = event.args?.find(({ name }) => name === 'n' || name === 'm')?.text ?? null
  return [String(event.thread), [event.function, event.task ?? null, number === null ? null : Number(number), outcome]]
}

function toPython(value: unknown): string {
  return value === null ? 'None' : JSON.stringify(value).replaceAll(',', ', ')
}

function numbersOf({ values = [] }: TraceDocument): number[] {
  return values.map(({ text }) => Number(text))
}

function byThread(all: readonly InThread[]): Record<string, unknown[]> {
  const threads: Record<string, unknown[]> = {}
  for (const [thread, what] of all) {
    threads[thread] ??= []
    threads[thread].push(what)
  }
  return threads
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

async function traced(
  program: TestTarget,
  probes: readonly string[],
  { run, options }: { run: string; options: TraceOptions },
): Promise<{ notes: Note[]; events: TraceDocument[] }> {
  await using target = await attach(program.pid)
  const stop = new AbortController()
  const events: TraceDocument[] = []
  let notes: Promise<Note[]> | undefined
  for await (const event of target.trace(probes, { ...options, signal: stop.signal })) {
    events.push(event)
    if (event.event !== 'attached' || events.length < probes.length) continue
    program.type(run)
    notes = program.says('notes').then((said) => {
      stop.abort()
      return said as Note[]
    })
  }
  return { notes: (await notes) ?? [], events }
}
