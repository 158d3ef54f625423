// What probes see is what the program says of itself: every hit is a true one, none is missing below the budget, no code
// of the program has run for it, and nothing of it is left.

import { describe, expect, test, vi } from 'vitest'
import { RemoraError } from '../../../src/errors/remora-error.js'
import { attach } from '../../../src/session/attach.js'
import type { TraceDocument, Variable } from '../../../src/session/documents/index.js'
import type { TraceOptions } from '../../../src/session/run/trace.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

/** What the program counts, of all rounds so far. */
interface Log {
  calls: number
  lines: number
  raised: number
  effects: number
  yields: number
}

/** The agent reads with these, and they are C. */
const IMPORTS = ['_operator', '_signal']
const ROUNDS = 12
const AMPLE: TraceOptions = { budget: { cpuShare: 1, eventsPerSecond: 1e6, bytesPerSecond: 1e9 } }

describe.each(interpreters)('$name', (interpreter) => {
  const start = (): Promise<TestTarget> => startTarget(interpreter, 'traced.py')

  async function expectUndisturbed(program: TestTarget, modules: readonly string[] = []): Promise<void> {
    const { fingerprint, exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    expectUnchanged(program.before, fingerprint, [...IMPORTS, ...modules])
  }

  test('lines: each hit is a true one, and none is missing', async () => {
    const program = await start()
    const { events, log } = await traced(program, ['traced.py:68 {order.id, factor, total, len(order.items) * 2}'])
    expect(log.lines).toBe(ROUNDS)
    expect(events.map(({ values }) => textsOf(values))).toEqual(
      Array.from({ length: ROUNDS }, (_, number) => {
        const items = Array.from({ length: number % 4 }, (_item, index) => index)
        return [number, 2, items.reduce((a, b) => a + b, 0) * 2, items.length * 2].map(String)
      }),
    )
    await expectUndisturbed(program)
  })

  test('a statement over several lines is hit once each time', async () => {
    const program = await start()
    const line = 77
    const { events } = await traced(program, [`traced.py:${line} {a}`, `traced.py:${line + 2} {b}`])
    expect(events.filter(({ probe }) => probe === 0).map(({ values }) => textsOf(values)[0])).toEqual(
      Array.from({ length: ROUNDS }, (_, number) => String(number)),
    )
    expect(events.filter(({ probe }) => probe === 1)).toHaveLength(ROUNDS)
    await expectUndisturbed(program)
  })

  test('calls: arguments, result, time, and the exception that ended them', async () => {
    const program = await start()
    const { events, log } = await traced(program, ['place_order(args) -> result'])
    expect(events).toHaveLength(log.calls)
    for (const [number, { event, args, result, error, elapsedMs, thread, function: name }] of events.entries()) {
      expect([event, thread, name, textsOf(args)[1]]).toEqual(['return', 'MainThread', '__main__.place_order', '2'])
      expect(textsOf(args)[0]).toMatch(new RegExp(`^<__main__.Order id=${number}, items=.*, password=<masked>>$`))
      expect(elapsedMs).toBeGreaterThan(0)
      if (number % 5 === 0) expect(error?.text).toBe(`ValueError('no order ${number}')`)
      else expect(result?.type).toBe('int')
    }
    expect(events.filter(({ error }) => error !== undefined)).toHaveLength(log.raised)
    await expectUndisturbed(program)
  })

  test('aggregations: counts, sums and times by keys', async () => {
    const program = await start()
    const { all } = await traced(program, [
      'place_order count by args.order.id % 5 == 0',
      '__main__.Order.* count by function',
      'place_order sum(factor) max(order.id) avg(order.id) if order.id > 1',
      'place_order time',
      'numbers count',
      'traced.place_order hist(order.id) by thread',
    ])
    const groups = (probe: number) =>
      all.findLast((one) => one.event === 'aggregate' && one.probe === probe)?.groups ?? []
    expect(groups(0).map(({ key, count }) => [...key, count])).toEqual([
      ['False', 9],
      ['True', 3],
    ])
    expect(groups(1).map(({ key, count }) => [...key, count])).toEqual([
      ['__main__.Order.__init__', ROUNDS],
      ['__main__.Order.total', ROUNDS],
    ])
    expect(groups(2)[0]?.measures).toMatchObject([{ sum: 20 }, { max: 11 }, { count: 10, sum: 65 }])
    expect(groups(3)[0]).toMatchObject({ count: ROUNDS, measures: [{ kind: 'time', count: ROUNDS }] })
    const buckets = groups(3)[0]?.measures?.[0]?.buckets ?? []
    expect(buckets.reduce((total, [, hits]) => total + hits, 0)).toBe(ROUNDS)
    expect(groups(4)).toEqual([{ key: [], count: ROUNDS }])
    // 0, 1, 2 to 3, 4 to 7, and 8 to 11.
    const doubling = [0, 11, 12, 13, 14].map((index, at) => [index, [1, 1, 2, 4, 4][at]])
    expect(groups(5)).toMatchObject([{ key: ['MainThread'], count: ROUNDS, measures: [{ buckets: doubling }] }])
    await expectUndisturbed(program)
  })

  test('exceptions where they start, with the locals of all frames', async () => {
    const program = await start()
    const probes = ['raise ValueError in __main__.*', 'raise LookupError', 'raise Value*']
    const { events, log } = await traced(program, probes)
    for (const probe of [0, 2]) {
      const mine = events.filter((one) => one.probe === probe)
      expect(mine.map(({ error }) => error?.text)).toEqual(
        Array.from({ length: log.raised }, (_, index) => `ValueError('no order ${index * 5}')`),
      )
      expect(mine[1]?.stack?.map(({ function: name }) => name)).toEqual([
        'place_order',
        'one_round',
        'perform',
        'main',
        '<module>',
      ])
      expect(mine[1]?.stack?.[1]?.locals).toEqual([{ name: 'number', type: 'int', text: '5' }])
    }
    expect(events.filter(({ probe }) => probe === 1)).toEqual([])
    await expectUndisturbed(program)
  })

  test('generators and coroutines: yields, time on and off the loop, and the task', async () => {
    const program = await start()
    const generators = await traced(program, ['yield numbers {number}', 'resume numbers'])
    expect(generators.events.filter(({ probe }) => probe === 0).map(({ values }) => textsOf(values)[0])).toEqual(
      Array.from({ length: ROUNDS }, () => ['0', '1', '2']).flat(),
    )
    expect(generators.events.filter(({ probe }) => probe === 1)).toHaveLength(generators.log.yields)
    const { events } = await traced(program, ['fetch'], { commands: ['tasks 5'] })
    expect(events.map(({ task }) => task).toSorted()).toEqual([0, 1, 2, 3, 4].map((number) => `fetch-${number}`))
    for (const { task, result, elapsedMs = 0, onMs = 0, offMs = 0 } of events) {
      expect(task).toBe(`fetch-${result?.text}`)
      expect(offMs).toBeGreaterThanOrEqual(1.9)
      expect(onMs).toBeLessThan(elapsedMs - 1.9)
      expect(onMs + offMs).toBeCloseTo(elapsedMs, 3)
    }
    const { fingerprint, exit } = await program.finish()
    expect([exit, program.stderr, fingerprint.tools]).toEqual([0, '', program.before.tools])
  })

  test('threads, closures made later, nested functions and modules that are not imported yet', async () => {
    const program = await start()
    const { events, all } = await traced(
      program,
      ['make_closure.inner {value + number}', 'imported_*.late(args)', 'place_order(args)'],
      { commands: ['threads 4', 'import 1', 'until bound', 'import 2'] },
    )
    const attached = all.filter(({ event, probe }) => event === 'attached' && probe === 1)
    expect(attached[0]).toMatchObject({ waiting: 'nothing of this name is loaded yet', places: [] })
    // Not where it was only imported into, though that module is the first of the two.
    expect(attached[1]?.places?.map((place) => place.function)).toEqual(['imported_late.late'])
    expect(new Set(events.filter(({ probe }) => probe === 2).map(({ thread }) => thread))).toEqual(
      new Set([0, 1, 2, 3].map((number) => `worker-${number}`)),
    )
    expect(
      events
        .filter(({ probe }) => probe === 0)
        .map(({ values }) => textsOf(values)[0])
        .toSorted(),
    ).toEqual(['1', '2', '3', '4'])
    await expectUndisturbed(program, ['imported_again', 'imported_late'])
  })

  test('objects that answer every question with an effect are asked nothing', async () => {
    const program = await start()
    const expressions = [
      ['hostile.x', '<Hostile.__getattr__: not run>'],
      ['hostile == 1', '<Hostile.__eq__: not run>'],
      ['1 in [hostile]', '<Hostile.__eq__: not run>'],
      ['hostile in mapping', '<Hostile.__hash__: not run>'],
      ['len(hostile)', '<Hostile.__len__: not run>'],
      ['not hostile', '<Hostile.__bool__: not run>'],
      ['hostile[0]', '<Hostile.__getitem__: not run>'],
      ['hostile + 1', '<Add of Hostile: not run>'],
      ['hostile < 1', '<Lt of Hostile: not run>'],
      ['int(hostile)', '<int of Hostile: not run>'],
      ['mapping["word"]', '2'],
      ['mapping.get("nothing", 7)', '7'],
      ['"word" in mapping', 'True'],
      ['isinstance(hostile, int)', 'False'],
      ['isinstance(by_type, int)', 'False'],
      ['by_type.x', '<AttributeError: HostileByType has no attribute x>'],
      ['hostile is hostile', 'True'],
      ['cycle', '[1, […]]'],
      ['len(mapping["huge"])', '100000'],
      ['cycle[5]', '<IndexError: list index out of range>'],
      ['nothing', "<NameError: name 'nothing' is not defined>"],
      ['2 ** 100000', '<OverflowError: the result would be too large for a probe>'],
    ]
    const probe = `ask {${expressions.map(([source]) => source).join(', ')}}`
    const { events, log } = await traced(program, [
      probe,
      'ask {f"{hostile}", hostile, by_type, mapping}',
      'ask snapshot',
    ])
    const shown = events.find((one) => one.probe === 0)?.values?.map(({ name, text }) => [name, text])
    expect(shown).toEqual(expressions)
    expect(textsOf(events.find((one) => one.probe === 1)?.values)[1]).toMatch(/^<__main__\.Hostile at 0x/)
    expect(events).toHaveLength(3 * ROUNDS)
    expect(log.effects).toBe(0)
    await expectUndisturbed(program)
  })

  test('with allowed calls properties run', async () => {
    const program = await start()
    const { events, log } = await traced(program, ['place_order if order.id == 3 {order.plan, order.total(2)}'], {
      options: { ...AMPLE, allowCalls: true },
    })
    expect(events.map(({ values }) => textsOf(values))).toEqual([["'gold'", '6']])
    expect(log.effects).toBe(1)
    await expectUndisturbed(program)
  })

  test('a child that the program forks has nothing of it', async () => {
    const program = await startTarget(interpreter, 'traced.py', { options: ['-W', 'ignore'] })
    const { events } = await traced(program, ['place_order', 'traced.py:68'], { commands: ['fork 1', 'rounds 1'] })
    expect(events).toHaveLength(2)
    await expectUndisturbed(program)
  })

  test('what cannot be bound is an error that names what is near', async () => {
    const program = await start()
    const refusalOf = async (probe: string): Promise<unknown> => {
      const error = await traced(program, [probe]).catch((thrown: unknown) => thrown)
      if (!(error instanceof RemoraError)) throw new Error(`no refusal but ${error}`)
      return [error.code, error.message, error.details.near]
    }
    const near = ['__main__.place_order']
    expect(await refusalOf('place_ordr')).toEqual(['PROBE_NOT_FOUND', 'no function __main__.place_ordr', near])
    const elsewhere = ['json.loads']
    expect(await refusalOf('loads')).toEqual(['PROBE_NOT_FOUND', 'no function __main__.loads', elsewhere])
    expect(await refusalOf('traced.py:76')).toEqual([
      'PROBE_NOT_FOUND',
      'line 76 of traced.py has no code that can still run; next is 77',
      [],
    ])
    const mark = (problem: string, probe: string, column: number): string =>
      `invalid probe at column ${column}: ${problem}\n  ${probe}\n  ${' '.repeat(column - 1)}^`
    const call = 'place_order {len(order.items), order.total(1)}'
    expect(await refusalOf(call)).toEqual([
      'PROBE_INVALID',
      mark('this call would run code of the program; --allow-calls allows it', call, 32),
      undefined,
    ])
    const python = 'place_order {"é" +* 1}'
    expect(await refusalOf(python)).toEqual(['PROBE_INVALID', mark('invalid syntax', python, 19), undefined])
    const lambda = 'place_order {1, lambda: 2}'
    expect(await refusalOf(lambda)).toEqual([
      'PROBE_INVALID',
      mark('lambda is not allowed in a probe', lambda, 17),
      undefined,
    ])
    await expectUndisturbed(program)
  })
})

function textsOf(values: readonly Variable[] = []): string[] {
  return values.map(({ text }) => text)
}

interface TracedOptions {
  readonly commands?: readonly string[]
  readonly options?: TraceOptions
}

/** Traces the program while it performs the commands; all events, those that are hits, and the program's own log. */
async function traced(
  program: TestTarget,
  probes: readonly string[],
  { commands = [`rounds ${ROUNDS}`], options = AMPLE }: TracedOptions = {},
): Promise<{ all: TraceDocument[]; events: TraceDocument[]; log: Log }> {
  await using target = await attach(program.pid)
  const stop = new AbortController()
  const all: TraceDocument[] = []
  let log: Log | undefined
  let performing: Promise<void> | undefined
  const perform = async (): Promise<void> => {
    for (const command of commands) {
      if (command === 'until bound') {
        await vi.waitUntil(() => all.filter((one) => one.event === 'attached').length > probes.length, 30_000)
        continue
      }
      program.type(command)
      log = (await program.says('log')) as Log
    }
    stop.abort()
  }
  for await (const event of target.trace(probes, { ...options, signal: stop.signal })) {
    all.push(event)
    const attached = all.filter((one) => one.event === 'attached').length
    if (attached >= probes.length) performing ??= perform()
  }
  await performing
  const events = all.filter(({ event }) => event === 'hit' || event === 'return')
  return { all, events, log: log as Log }
}
