// Places as people type them: what a line stands for, what a name means, and what is said of a program that ends.

import { describe, expect, test } from 'vitest'
import type { RemoraError } from '../../../src/errors/remora-error.js'
import { attach } from '../../../src/session/attach.js'
import type { TraceDocument } from '../../../src/session/documents/index.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

/** Lines of gen.py: a decorator, its `def` over several lines, the body, and functions that are one line. */
const LINES = { decorator: 13, def: 14, body: 17, oneLine: 20, class: 23, method: 24 }
/** What the program does in one round. */
const CALLS = 5

describe.each(interpreters)('$name', (interpreter) => {
  test.each([LINES.body, LINES.oneLine, LINES.method])('line %i is hit at each call', async (line) => {
    const program = await startTarget(interpreter, 'gen.py')
    const events = await traceRound(program, `gen.py:${line} {1}`)
    expect(events.filter(({ event }) => event === 'hit').map(({ line: at }) => at)).toEqual(Array(CALLS).fill(line))
    expect((await program.finish()).exit).toBe(0)
  })

  test.each([
    [LINES.decorator, LINES.body],
    [LINES.def, LINES.body],
    [LINES.class, LINES.method],
  ])('line %i runs once, and line %i is named in its place', async (line, next) => {
    const program = await startTarget(interpreter, 'gen.py')
    const error = await traceRound(program, `gen.py:${line} {1}`).catch((thrown: RemoraError) => thrown)
    expect(error).toMatchObject({
      code: 'PROBE_NOT_FOUND',
      message: `line ${line} of gen.py has no code that can still run; next is ${next}`,
    })
  })

  test('a name with a star begins with the script, whose name also begins that of a module', async () => {
    const program = await startTarget(interpreter, 'gen.py')
    const events = await traceRound(program, 'gen.* count by function')
    const groups = events.findLast(({ event }) => event === 'aggregate')?.groups ?? []
    expect(Object.fromEntries(groups.map(({ key, count }) => [key[0], count]))).toMatchObject({
      '__main__.one_more': CALLS,
      '__main__.same': CALLS,
      '__main__.Box.open': CALLS,
    })
  })

  test.each(['gen', 'json'])('%s alone is a module', async (name) => {
    const program = await startTarget(interpreter, 'gen.py')
    const error = await traceRound(program, `raise ValueError in ${name}`).catch((thrown: RemoraError) => thrown)
    expect(error).toMatchObject({
      code: 'PROBE_NOT_FOUND',
      message: `${name} is a module: write ${name}.* for all that is in it`,
    })
  })

  test('what was counted is said when the program has ended', async () => {
    const program = await startTarget(interpreter, 'gen.py')
    await using target = await attach(program.pid)
    let said = 0
    const events: TraceDocument[] = []
    for await (const event of target.trace(['same count'])) {
      events.push(event)
      if (event.event === 'attached') program.type('round')
      said = event.event === 'aggregate' ? (event.groups?.[0]?.count ?? 0) : said
      if (said === CALLS && event.final !== true) program.kill()
    }
    expect(events.slice(-2)).toMatchObject([
      { event: 'aggregate', final: true, groups: [{ count: CALLS }] },
      { event: 'detached', reason: 'exited' },
    ])
  })
})

/** All that is said while the program does one round. */
async function traceRound(program: TestTarget, probe: string): Promise<TraceDocument[]> {
  await using target = await attach(program.pid)
  const stop = new AbortController()
  const events: TraceDocument[] = []
  for await (const event of target.trace([probe], { signal: stop.signal })) {
    events.push(event)
    if (event.event !== 'attached') continue
    program.type('round')
    void program.says('round').then(() => stop.abort())
  }
  return events
}
