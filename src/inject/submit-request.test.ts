import fs from 'node:fs'
import net from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openImages } from '../../test/images/open-image.js'
import { readMainInterpreter } from '../cpython/runtime/interpreter.js'
import { readStatus } from '../process/status.js'
import { MESSAGES, PROTOCOL } from './protocol.js'
import { Rendezvous } from './rendezvous.js'
import { type RequestSlot, readRequest } from './request.js'
import { submitRequest } from './submit-request.js'

test('the file of a request that was made twice stays until its agent speaks', async () => {
  // Not those of I/O, which is real here.
  vi.useFakeTimers({ toFake: ['hrtime', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { runtime } = openImages()[0]!
  const slot = { runtime, thread: readMainInterpreter(runtime).threadsMain }
  const status = readStatus(process.pid)
  const rendezvous = new Rendezvous(status)
  onTestFinished(() => rendezvous.close())
  const thread = { slot, status, tid: process.pid, main: true, hold: <T>(action: () => T) => action() }
  const submitted = submitRequest(thread, rendezvous, { agent: 'exec', timeoutMs: 10_000 })

  const script = await takeRequest(slot)
  await vi.advanceTimersByTimeAsync(3_000)
  expect(await takeRequest(slot)).toBe(script)
  const agent = comeAsAgent(script)
  const request = await submitted
  if (request.outcome !== 'arrived') throw new Error(request.outcome)
  expect(fs.existsSync(script)).toBe(true)

  const spoken = request.connection.receive()
  agent.write(message(MESSAGES.runEnded.kind, '{}'))
  expect(await spoken).toMatchObject({ kind: MESSAGES.runEnded.kind })
  expect(fs.existsSync(script)).toBe(false)
})

/** As the thread does, when there is one; the path of the script that it then opens. */
async function takeRequest(slot: RequestSlot): Promise<string> {
  while (!readRequest(slot).pending) await new Promise((resolve) => setImmediate(resolve))
  const { debugger_support: support } = slot.runtime.offsets
  const area = slot.thread + support.remote_debugger_support
  slot.runtime.memory.write(area + support.debugger_pending_call, Buffer.alloc(4))
  return readRequest(slot).path
}

/** As the script does. */
function comeAsAgent(script: string): net.Socket {
  const [config = ''] = /(?<=main\()\{".*\}(?=\))/.exec(fs.readFileSync(script, 'utf8')) ?? []
  const { socket, token } = JSON.parse(config) as { socket: string; token: string }
  const connection = net.connect(socket)
  onTestFinished(() => void connection.destroy())
  connection.write(message(MESSAGES.hello.kind, JSON.stringify({ protocol: PROTOCOL, token, magic: 0, thread: '' })))
  return connection
}

function message(kind: string, payload: string): Buffer {
  const header = Buffer.alloc(5)
  header.write(kind, 'latin1')
  header.writeUInt32BE(payload.length, 1)
  return Buffer.concat([header, Buffer.from(payload)])
}

test('a request whose file its agent has removed is not made again', async () => {
  vi.useFakeTimers({ toFake: ['hrtime', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { runtime } = openImages()[0]!
  const slot = { runtime, thread: readMainInterpreter(runtime).threadsMain }
  const status = readStatus(process.pid)
  const rendezvous = new Rendezvous(status)
  onTestFinished(() => rendezvous.close())
  const thread = { slot, status, tid: process.pid, main: true, hold: <T>(action: () => T) => action() }
  const submitted = submitRequest(thread, rendezvous, { agent: 'exec', timeoutMs: 5_000 })
  const refused = expect(submitted).rejects.toMatchObject({ code: 'REQUEST_REFUSED' })

  fs.unlinkSync(await takeRequest(slot))
  await vi.advanceTimersByTimeAsync(4_000)
  expect(readRequest(slot).pending).toBe(false)
  await vi.advanceTimersByTimeAsync(4_000)
  await refused
})
