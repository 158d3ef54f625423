// A tree of processes as multiprocessing makes them: children that start while they are watched, one that never comes to a
// line of Python, and a root that lacks what the probe means at first.

import { expect, test } from 'vitest'
import type { RemoraError } from '../../../src/errors/remora-error.js'
import type { TraceDocument } from '../../../src/session/documents/index.js'
import { traceTree } from '../../../src/session/run/trace-tree.js'
import { anyInterpreter } from '../../harness/interpreters.js'
import { startTarget } from '../../harness/target.js'

test('children that start later join, those that end leave, and the number of events is of all together', async () => {
  const program = await startTarget(anyInterpreter, 'spawning.py')
  const pids: number[] = []
  const start = async (): Promise<void> => {
    program.type('start')
    pids.push((await program.says('started')) as number)
  }
  await start()
  const events: TraceDocument[] = []
  let starting: Promise<void> | undefined
  for await (const event of traceTree({ pid: program.pid }, ['spawning.work {number}'], { count: 20 })) {
    events.push(event)
    if (event.event === 'hit') starting ??= start()
  }
  await starting
  expect(events.filter(({ event }) => event === 'hit')).toHaveLength(20)
  const attached = new Set(events.filter(({ event }) => event === 'attached').map(({ pid }) => pid))
  expect(attached).toContain(pids[0])
  const reasons = events.filter(({ event, probe }) => event === 'detached' && probe === undefined)
  expect(reasons.find(({ pid }) => pid === pids[0])?.reason).toBe('hits')
  for (const _child of pids) program.type('end')
  expect((await program.finish()).exit).toBe(0)
})

test('a child that ends leaves the others at work, and one that starts then is watched', async () => {
  const program = await startTarget(anyInterpreter, 'spawning.py')
  const stop = new AbortController()
  const seen: string[] = []
  program.type('start')
  const first = (await program.says('started')) as number
  let second = 0
  for await (const event of traceTree({ pid: program.pid }, ['work {number}'], { signal: stop.signal })) {
    if (event.event === 'hit' && event.pid === first && seen.length === 0) {
      seen.push('first')
      program.type('end')
      expect(await program.says('ended')).toBe(0)
      program.type('start')
      second = (await program.says('started')) as number
    } else if (event.event === 'detached' && event.pid === first && event.probe === undefined)
      seen.push(`${event.reason}`)
    else if (event.event === 'hit' && event.pid === second && !stop.signal.aborted) {
      seen.push('second')
      stop.abort()
    }
  }
  expect(seen).toEqual(['first', 'exited', 'second'])
  program.type('end')
  expect((await program.finish()).exit).toBe(0)
})

test('what no process has is an error of the first one', async () => {
  const program = await startTarget(anyInterpreter, 'spawning.py')
  const events = traceTree({ pid: program.pid }, ['no_such_function count'])
  const error = await all(events).catch((thrown: RemoraError) => thrown)
  expect(error).toMatchObject({ code: 'PROBE_NOT_FOUND', message: 'no function __main__.no_such_function' })
})

async function all(events: AsyncIterable<TraceDocument>): Promise<TraceDocument[]> {
  const seen: TraceDocument[] = []
  for await (const event of events) seen.push(event)
  return seen
}
