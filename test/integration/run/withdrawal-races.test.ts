// Scripts that are withdrawn at the very moment at which they would start, again and again: by a time-out, by an abort,
// by the end of the target. The target keeps its own log, and what the client was told must agree with it. (Contract
// point 5.) REMORA_ROUNDS sets the number of rounds; 5,000 take minutes.

import { describe, expect, test } from 'vitest'
import { nowMs } from '../../../src/process/clock.js'
import { attach, type Target } from '../../../src/session/attach.js'
import type { ExecDocument } from '../../../src/session/documents/index.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget } from '../../harness/target.js'
import { rendezvousDirectoriesOf } from '../../harness/temporary.js'

const ROUNDS = Number(process.env.REMORA_ROUNDS ?? 150)
/** Rounds that take a program of their own. */
const ENDINGS = Math.ceil(ROUNDS / 25)
/** A withdrawal from a thread that moves waits a second for an agent that may be on its way: so several at a time. */
const LANES = 6
const MAX_ROUND_MS = 1_500

/** The naps of the program are up to 4 ms long. */
const USUAL_DELAY_MS = 6

interface Round {
  readonly document: ExecDocument
  readonly aborted: boolean
}

async function race(target: Target, round: number, delayMs: number): Promise<Round> {
  const code = `import __main__\n__main__.begun.append(${round})\n__main__.ended.append(${round})`
  if (round % 2 === 0) return { document: await target.exec(code, { timeoutMs: delayMs }), aborted: false }
  const controller = new AbortController()
  const aborting = after(delayMs).then(() => controller.abort())
  const document = await target.exec(code, { timeoutMs: 30_000, signal: controller.signal })
  await aborting
  return { document, aborted: true }
}

/** To the microsecond, which no timer is. */
async function after(ms: number): Promise<void> {
  for (const deadline = nowMs() + ms; nowMs() < deadline; ) await new Promise((resolve) => setImmediate(resolve))
}

const releases = interpreters.filter(({ debug }) => !debug)

describe.each(releases)('$name', (interpreter) => {
  /** Rounds on one program, one after the other; returns how many had which outcome. */
  async function runLane(count: number): Promise<string[]> {
    const program = await startTarget(interpreter, 'napping.py')
    await using target = await attach(program.pid)
    const rounds: Round[] = []
    // Longer after a withdrawal and shorter after a start: so both come about as often, however busy the machine is.
    let longestMs = USUAL_DELAY_MS
    for (let round = 0; round < count; round++) {
      const result = await race(target, round, Math.random() * longestMs)
      longestMs *= result.document.outcome === 'withdrawn' ? 1.2 : 1 / 1.2
      rounds.push(result)
    }
    const { result, fingerprint, exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    const log = result as Record<'begun' | 'ended', number[]>
    for (const [round, each] of rounds.entries()) expectAgreement(round, each, log)
    expectUnchanged(program.before, fingerprint)
    return rounds.map(({ document: { outcome } }) => outcome)
  }

  const timeout = 30_000 + (ROUNDS / LANES) * MAX_ROUND_MS
  test(`${ROUNDS} races between a withdrawal and a start`, { timeout }, async () => {
    const lanes = Array.from({ length: LANES }, () => runLane(Math.ceil(ROUNDS / LANES)))
    const counts = countEach((await Promise.all(lanes)).flat())
    console.log(`${interpreter.name}: ${JSON.stringify(counts)}`)
    expect(Object.keys(counts).filter((outcome) => !['completed', 'raised', 'withdrawn'].includes(outcome))).toEqual([])
    expect(counts.completed).toBeGreaterThan(ROUNDS / 20)
    expect(counts.withdrawn).toBeGreaterThan(ROUNDS / 20)
  })

  test(`${ENDINGS} races between a start and the end of the target`, {
    timeout: 30_000 + ENDINGS * 4_000,
  }, async () => {
    const outcomes: string[] = []
    let longestMs = USUAL_DELAY_MS
    for (let round = 0; round < ENDINGS; round++) {
      const program = await startTarget(interpreter, 'napping.py')
      await using target = await attach(program.pid)
      const exec = target.exec('print("visited")', { timeoutMs: 30_000 })
      await after(Math.random() * longestMs)
      program.signal('SIGKILL')
      const { outcome, stdout } = await exec.catch(toOutcome)
      longestMs *= outcome === 'completed' ? 1 / 1.3 : 1.3
      outcomes.push(outcome)
      expect(await program.exited()).toBe('SIGKILL')
      expect(outcome === 'completed' ? stdout : outcome).toMatch(/^visited\n$|^exited$|^never asked$/)
    }
    console.log(`${interpreter.name}: ${JSON.stringify(countEach(outcomes))}`)
    expect(rendezvousDirectoriesOf(process.pid)).toEqual([])
  })
})

/** What the client was told is what the target has seen: a script runs once, or it never begins. */
function expectAgreement(
  round: number,
  { document: { outcome, error }, aborted }: Round,
  { begun, ended }: Record<'begun' | 'ended', number[]>,
): void {
  const runs = [begun, ended].map((log) => log.filter((entry) => entry === round).length)
  if (outcome === 'completed') expect([round, ...runs]).toEqual([round, 1, 1])
  else if (outcome === 'withdrawn') expect([round, ...runs]).toEqual([round, 0, 0])
  else {
    // It had started when it was aborted, which interrupts it wherever it is.
    expect([outcome, aborted, error?.type]).toEqual(['raised', true, 'KeyboardInterrupt'])
    expect(Math.max(...runs)).toBeLessThanOrEqual(1)
  }
}

/** A target that has ended before anything was written into it is an error, and no request. */
function toOutcome(error: unknown): { outcome: string; stdout: string } {
  expect(error).toMatchObject({ code: 'TARGET_EXITED' })
  return { outcome: 'never asked', stdout: '' }
}

function countEach(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
