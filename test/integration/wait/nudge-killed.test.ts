// A client that is killed with -9 at any moment of its nudges: the target goes on, to its right result and in its time.
// REMORA_ROUNDS rounds of each kind, few by default.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import { interpreters } from '../../harness/interpreters.js'
import { sideBySide } from '../../harness/side-by-side.js'
import { startTarget } from '../../harness/target.js'

const client = fileURLToPath(new URL('../../harness/nudge-forever.mjs', import.meta.url))
const rounds = Number(process.env.REMORA_ROUNDS ?? 5)
/** In this time a client nudges several times. */
const LIFE_MS = 120
/** Longer than all rounds, even on a slow machine. */
const ASKED_SECONDS = 2 * rounds + 5

const releases = interpreters.filter(({ debug }) => !debug)
const timeout = 60_000 + rounds * 10_000

test(`while it waits for a lock, ${rounds} times`, { timeout }, () =>
  sideBySide(releases, async (interpreter) => {
    const program = await startTarget(interpreter, 'blocked.py', { arguments: ['event_wait'] })
    for (let round = 0; round < rounds; round++) await nudgeAndDie(program.pid)
    await expectReachable(program.pid)
    program.type('')
    const { result, exit } = await program.finish()
    expect([result, exit, program.stderr]).toMatchObject([{ value: true }, 0, ''])
  }),
)

test(`while it sleeps, ${rounds} times`, { timeout: timeout + ASKED_SECONDS * 1000 }, () =>
  sideBySide(releases, async (interpreter) => {
    const env = { ASKED: String(ASKED_SECONDS) }
    const program = await startTarget(interpreter, 'blocked.py', { arguments: ['time_sleep'], env })
    for (let round = 0; round < rounds; round++) await nudgeAndDie(program.pid)
    const { result, exit } = await program.finish()
    const { value, seconds } = result as { value: unknown; seconds: number }
    expect([value, exit, program.stderr]).toEqual([null, 0, ''])
    expect(seconds).toBeGreaterThan(ASKED_SECONDS - 0.01)
  }),
)

async function nudgeAndDie(pid: number): Promise<void> {
  const child = spawn(process.execPath, [client, String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('exit', () => reject(new Error('the client ended by itself')))
  })
  await new Promise((resolve) => setTimeout(resolve, Math.random() * LIFE_MS))
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('close', resolve))
}

async function expectReachable(pid: number): Promise<void> {
  const target = await attach(pid)
  const { outcome } = await target.exec('1', { nudge: 'safe' })
  target.dispose()
  expect(outcome).toBe('completed')
}
