// A trace costs what it may cost, disturbs nobody, and leaves nothing; that it is gone when its client is, at any moment, is
// in trace-killed.test.ts. REMORA_ROUNDS scales the brute force.

import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import type { TraceDocument } from '../../../src/session/documents/index.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { startRemora } from '../../harness/remora.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

const ROUNDS = Number(process.env.REMORA_ROUNDS ?? 6)
const IMPORTS = ['_operator', '_signal']
const PROBES = ['hot(args) -> result', '__main__.* count by function', 'raise ValueError', 'traced.py:68 {order.id}']

describe.each(interpreters)('$name', (interpreter) => {
  const isBefore315 = interpreter.version.startsWith('3.14')
  const start = (): Promise<TestTarget> => startTarget(interpreter, 'traced.py')

  test('far above its budget a trace takes samples, says so, and costs no more than it may', async () => {
    const program = await start()
    const all = await traceWhile(program, ['hot count', 'hot {number}'], async () => {
      program.type('hot 400000')
      await program.says('log')
    })
    const last = all.at(-1)
    const [counted, reported] = [0, 1].map((probe) => {
      return all.find((one) => one.event === 'detached' && one.probe === probe)
    })
    expect(all.filter(({ event }) => event === 'budget').map(({ consequence }) => consequence)).toContain('sampling')
    expect(counted?.coverage).toBeLessThan(1)
    expect(counted?.hits).toBeLessThan(400_000)
    expect(reported?.reported).toBeLessThan(20_000)
    const seconds = (Date.parse(last?.at ?? '') - Date.parse(all[0]?.at ?? '')) / 1000
    // A second's worth of credit, and one percent from then on; half as much again for what is only estimated.
    expect(last?.cpuMs).toBeLessThan((10 + 10 * seconds) * 1.5 + 50)
    await expectUndisturbed(program)
  })

  test('many probes share one budget, also when all of them are woken at once', async () => {
    const program = await start()
    const probes = Array.from({ length: 40 }, () => 'hot {number}')
    const all: TraceDocument[] = []
    const hit = async (): Promise<void> => {
      while (all.at(-1)?.reason === undefined) {
        program.type('hot 100')
        await program.says('log')
      }
    }
    let hitting: Promise<void> | undefined
    await using target = await attach(program.pid)
    for await (const event of target.trace(probes, { forMs: 2_000, budget: { cpuShare: 1, eventsPerSecond: 50 } })) {
      all.push(event)
      if (all.length === probes.length) hitting = hit()
    }
    await hitting
    const hits = all.filter(({ event }) => event === 'hit').length
    const seconds = (Date.parse(all.at(-1)?.at ?? '') - Date.parse(all[0]?.at ?? '')) / 1000
    expect(hits).toBeGreaterThanOrEqual(2 * probes.length)
    expect(hits).toBeLessThanOrEqual(50 * (1 + seconds) + 1)
    await expectUndisturbed(program)
  })

  test('a budget of events is kept, and is per second', async () => {
    const program = await start()
    const budget = { cpuShare: 1, eventsPerSecond: 50 }
    const all = await traceWhile(program, ['hot {number}'], async () => program.type('hot 100000'), { budget })
    const hits = all.filter(({ event }) => event === 'hit')
    const seconds = (Date.parse(all.at(-1)?.at ?? '') - Date.parse(all[0]?.at ?? '')) / 1000
    expect(hits.length).toBeGreaterThanOrEqual(50)
    expect(hits.length).toBeLessThanOrEqual(50 * (1 + seconds) + 1)
    expect(all.find(({ event }) => event === 'budget')).toMatchObject({ budget: 'events', consequence: 'sampling' })
    await program.says('log')
    await expectUndisturbed(program)
  })

  test('exceptions past the budget are not watched, where only all or none can be', async () => {
    const program = await start()
    for (const probe of ['raise KeyError', 'raise ValueError', ...(isBefore315 ? ['place_order'] : [])]) {
      const all = await traceWhile(
        program,
        [probe],
        async () => {
          program.type('raise 100000')
          expect((await program.says('log')) as object).toMatchObject({ unwatched: expect.toSatisfy((n) => n > 500) })
        },
        { budget: { cpuShare: 0.0001 } },
      )
      expect(all.find(({ event }) => event === 'budget')).toMatchObject({ budget: 'cpu', consequence: 'sampling' })
      expect(all.find(({ event }) => event === 'detached')?.coverage).toBeLessThan(1)
    }
    await expectUndisturbed(program)
  })

  test('it ends by itself after so many hits, or when the time is up', async () => {
    const program = await start()
    const all = await traceWhile(program, ['hot'], async () => program.type('hot 1000'), { count: 7, forMs: 60_000 })
    expect(all.filter(({ event }) => event === 'return')).toHaveLength(7)
    expect(all.at(-1)).toMatchObject({ event: 'detached', reason: 'hits' })
    await program.says('log')
    expect((await traceWhile(program, ['hot'], undefined, { forMs: 100 })).at(-1)).toMatchObject({ reason: 'time' })
    await expectUndisturbed(program)
  })

  test('all tool ids taken: an error that names who has them; a tool of the program on the same code misses nothing', async () => {
    const program = await start()
    program.type('watch 1')
    await program.says('log')
    const all = await traceWhile(program, ['hot count', 'traced.py:68'], async () => {
      program.type('hot 1000')
      expect(await program.says('log')).toMatchObject({ calls: 1000, seen: 2000 })
    })
    expect(all.find(({ event, probe }) => event === 'detached' && probe === 0)).toMatchObject({ hits: 1000 })
    program.type('state 0')
    expect(await program.says('state')).toMatchObject([
      [null, 'mine', null, null, null, null],
      expect.anything(),
      expect.anything(),
    ])
    const full = await start()
    full.type('take 6')
    await full.says('log')
    await expect(traceWhile(full, ['hot'])).rejects.toMatchObject({
      code: 'TOOL_IDS_TAKEN',
      details: { tools: expect.stringContaining('mine (id 3)') },
    })
    full.type('hot 3')
    expect(await full.says('log')).toMatchObject({ calls: 3 })
  })

  test('a stopped client does not hold up the program: events are dropped and counted', async () => {
    const program = await start()
    const words = [
      'trace',
      program.pid,
      'hot(args)',
      '--budget',
      'cpu=10000%,events=1000000,bytes=1000000000',
      '--json',
    ]
    const { child, result } = startRemora(words)
    await once(child.stdout as Readable, 'data')
    child.kill('SIGSTOP')
    program.type('hot 100000')
    expect(await program.says('log')).toMatchObject({ calls: 100_000 })
    child.kill('SIGCONT')
    child.kill('SIGINT')
    const events = (await result).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TraceDocument)
    const end = events.at(-1)
    expect(end).toMatchObject({ event: 'detached', reason: 'stopped' })
    const probe = events.findLast((one) => one.event === 'detached' && one.probe === 0)
    const shown = events.filter(({ event }) => event === 'hit').length
    expect(end?.dropped).toBeGreaterThan(0)
    // Together they are all hits of the time in which the probe was on.
    const all = shown + (end?.dropped ?? 0)
    if (probe?.coverage === 1) expect(all).toBe(100_000)
    else expect(all).toBeLessThan(100_000)
    await expectUndisturbed(program)
  })

  test('the program ends while it is traced', async () => {
    const program = await start()
    const all = await traceWhile(program, ['hot'], async () => {
      program.type('hot 10')
      await program.finish()
    })
    expect(all.at(-1)).toMatchObject({ event: 'detached', reason: 'exited' })
    expect(program.stderr).toBe('')
  })

  test(`after ${ROUNDS * 2} traces there are no more objects than before, and little for the garbage collector`, {
    timeout: 60_000 + ROUNDS * 5_000,
  }, async () => {
    const program = await start()
    /** What the collector found, objects and blocks of memory after each trace. */
    const counts: number[][] = []
    for (let round = 0; round < ROUNDS * 2; round++) {
      await traceWhile(program, PROBES, async () => {
        program.type('hot 100')
        await program.says('log')
      })
      program.type('objects 0')
      counts.push((await program.says('objects')) as number[])
    }
    // The interpreter keeps up to 4,096 names of attributes that it has looked up: some hundred more in the first traces,
    // none after fifty. A thread that is just ending has some twenty objects left.
    const [middle, last] = [counts[ROUNDS], counts.at(-1)] as [number[], number[]]
    expect(Math.abs((last[1] as number) - (middle[1] as number))).toBeLessThan(40)
    expect(Math.abs((last[2] as number) - (middle[2] as number))).toBeLessThan(200)
    // Its classes refer to themselves; all else has been taken apart.
    for (const [found] of counts) expect(found).toBeLessThan(250)
    await expectUndisturbed(program)
  })

  async function expectUndisturbed(program: TestTarget): Promise<void> {
    const { fingerprint, exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    expectUnchanged(program.before, fingerprint, IMPORTS)
  }
})

/** All events of a trace that is stopped when `perform` has run; of one that ends by itself without it. */
async function traceWhile(
  program: TestTarget,
  probes: readonly string[],
  perform?: () => Promise<void>,
  options: Parameters<Awaited<ReturnType<typeof attach>>['trace']>[1] = {},
): Promise<TraceDocument[]> {
  await using target = await attach(program.pid)
  const stop = new AbortController()
  const all: TraceDocument[] = []
  let performing: Promise<void> | undefined
  const endsItself =
    perform === undefined || options.count !== undefined || options.budget?.eventsPerSecond !== undefined
  for await (const event of target.trace(probes, {
    ...options,
    ...(options.budget === undefined ? {} : { forMs: 1500 }),
    signal: stop.signal,
  })) {
    all.push(event)
    if (all.filter((one) => one.event === 'attached').length < probes.length) continue
    performing ??= perform?.().then(() => {
      if (!endsItself) stop.abort()
    })
  }
  await performing
  return all
}
