// What those say who know a process when another one has got its PID: recycle.mjs PYTHON CLI DIRECTORY. It needs a PID
// namespace of its own, where the next PID can be chosen. Prints one JSON document.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { attach } from '../../dist/index.js'

const [python = '', cli = '', directory = ''] = process.argv.slice(2)
const WORD = 'known-by-this-word'
const IDLE = 'import time\nprint("ready", flush=True)\nwhile True: time.sleep(0.01)'

let known = await start()
const target = await attach(pidOf(known))
known = await recycle(known)
const library = {
  stack: await codeOf(async () => target.stack()),
  exec: await codeOf(() => target.exec('1')),
  record: await codeOf(() => target.record({ file: `${directory}/a.remora`, durationMs: 100 })),
  top: await codeOf(() => target.top({ durationMs: 100, intervalMs: 50 }).next()),
}
await target[Symbol.asyncDispose]()

/** @type {Record<string, string>} */
const commands = {}
for (const word of [WORD, String(known.pid)]) {
  const client = spawn(process.execPath, [cli, 'exec', word, '-', '--json'], { stdio: ['pipe', 'pipe', 'inherit'] })
  // It reads its script when it has chosen its target: then Node waits for standard input no more.
  while (!doesNotWait(pidOf(client))) await new Promise((resolve) => setTimeout(resolve, 5))
  known = await recycle(known)
  client.stdin.end('print("reached")')
  const [output] = await Promise.all([readAll(client.stdout), once(client, 'close')])
  commands[word === WORD ? 'word' : 'pid'] = JSON.parse(output).code
}
known.kill('SIGKILL')
process.stdout.write(`${JSON.stringify({ library, commands, recorded: fs.existsSync(`${directory}/a.remora`) })}\n`)

async function start() {
  const child = spawn(python, ['-c', IDLE, WORD], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

/** @param {import('node:child_process').ChildProcess} child */
async function recycle(child) {
  child.kill('SIGKILL')
  await once(child, 'exit')
  fs.writeFileSync('/proc/sys/kernel/ns_last_pid', String(pidOf(child) - 1))
  const next = await start()
  if (next.pid !== child.pid) throw new Error(`${next.pid} came in place of ${child.pid}`)
  return next
}

/** @param {() => Promise<unknown>} act */
async function codeOf(act) {
  try {
    await act()
    return 'done'
  } catch (error) {
    return /** @type {{ code?: string }} */ (error).code ?? String(error)
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function pidOf({ pid }) {
  if (pid === undefined) throw new Error('a program did not start')
  return pid
}

/** @param {number} pid */
function doesNotWait(pid) {
  const [, flags = '0'] = /^flags:\s*(\d+)$/m.exec(fs.readFileSync(`/proc/${pid}/fdinfo/0`, 'utf8')) ?? []
  return (Number.parseInt(flags, 8) & fs.constants.O_NONBLOCK) !== 0
}

/** @param {import('node:stream').Readable} stream */
async function readAll(stream) {
  let text = ''
  for await (const piece of stream) text += piece
  return text
}
