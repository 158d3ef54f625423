// The target of bench/trace.mjs and bench/trace-load.mjs, and what both do with it.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import readline from 'node:readline'
import { fileURLToPath } from 'node:url'
import { attach } from '../dist/index.js'

export const file = fileURLToPath(new URL('traced.py', import.meta.url))
const sourceLines = readFileSync(file, 'utf8').split('\n')
/** The number of the line of the program that this comment stands in. @param {string} comment */
export const lineOf = (comment) => sourceLines.findIndex((line) => line.endsWith(`# ${comment}`)) + 1
export const AMPLE = { cpuShare: 100, eventsPerSecond: 1e9, bytesPerSecond: 1e12 }

/**
 * @param {string[]} command the interpreter, with what is to stand before it
 * @param {string} what
 */
export async function start(command, what) {
  const [program = '', ...words] = [...command, file, what]
  const child = spawn(program, words, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PYDEVD_DISABLE_FILE_VALIDATION: '1' },
  })
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await lines.next()
  /** @param {string} question */
  const say = async (question) => {
    child.stdin.write(`${question}\n`)
    return String((await lines.next()).value)
  }
  return {
    pid: Number(child.pid),
    say,
    /** @param {string} question */
    ask: async (question) => Number(await say(question)),
    end: () => child.kill('SIGKILL'),
  }
}

/**
 * What `measure` returns while the probes are on.
 * @template T
 * @param {number} pid
 * @param {string[]} texts
 * @param {() => Promise<T>} measure
 * @param {object} [budget]
 * @returns {Promise<T>}
 */
export async function traced(pid, texts, measure, budget = AMPLE) {
  const target = await attach(pid)
  const stop = new AbortController()
  const result = /** @type {{ value?: T }} */ ({})
  let attached = 0
  let running
  for await (const { event } of target.trace(texts, { budget, signal: stop.signal })) {
    if (event !== 'attached' || ++attached < texts.length) continue
    running = measure().then((value) => {
      result.value = value
      stop.abort()
    })
  }
  await running
  target.dispose()
  return /** @type {T} */ (result.value)
}
