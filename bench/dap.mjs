// As much of the Debug Adapter Protocol as a logpoint takes: for bench/trace.mjs, which holds ours against debugpy's.

import { once } from 'node:events'
import net from 'node:net'

/**
 * Sets a logpoint in a process in which debugpy listens.
 * @param {number} port
 * @param {{ file: string, line: number, message: string }} logpoint
 * @returns {Promise<{ logged: (count: number) => Promise<number>, close: () => void }>}
 */
export async function setLogpoint(port, { file, line, message }) {
  const client = await openClient(port)
  const ready = client.event('initialized')
  await client.request('initialize', { adapterID: 'remora-bench', linesStartAt1: true, pathFormat: 'path' })
  // It answers when it is configured.
  const attached = client.request('attach', { justMyCode: true, redirectOutput: false })
  await ready
  const breakpoints = [{ line, logMessage: message }]
  const answer = await client.request('setBreakpoints', { source: { path: file }, breakpoints })
  if (answer?.breakpoints?.[0]?.verified !== true) throw new Error(`no logpoint: ${JSON.stringify(answer)}`)
  await client.request('configurationDone', {})
  await attached
  return { logged: client.logged, close: client.close }
}

/** @param {number} port */
async function openClient(port) {
  const socket = net.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const answers = /** @type {Map<number, (message: any) => void>} */ (new Map())
  const events = /** @type {Map<string, () => void>} */ (new Map())
  let logged = 0
  let wake = () => {}
  let sequence = 0
  readMessages(socket, (message) => {
    if (message.type === 'response') answers.get(message.request_seq)?.(message)
    else if (message.event === 'output' && message.body.category === 'stdout') {
      logged++
      wake()
    } else events.get(message.event)?.()
  })
  return {
    /** How many messages have come, once it is so many, or five seconds later. @param {number} count */
    logged: async (count) => {
      const deadline = performance.now() + 5_000
      while (logged < count && performance.now() < deadline) {
        await new Promise((resolve) => {
          wake = () => resolve(undefined)
          setTimeout(wake, 100)
        })
      }
      return logged
    },
    close: () => socket.destroy(),
    /** @param {string} name @returns {Promise<void>} */
    event: (name) => new Promise((resolve) => events.set(name, resolve)),
    /** @param {string} command @param {object} args @returns {Promise<any>} */
    request: (command, args) => {
      const seq = ++sequence
      const body = JSON.stringify({ seq, type: 'request', command, arguments: args })
      socket.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
      return new Promise((resolve, reject) => {
        answers.set(seq, ({ success, body: answer, message }) => {
          if (success) resolve(answer)
          else reject(new Error(`debugpy refuses ${command}: ${message}`))
        })
      })
    },
  }
}

/** @param {net.Socket} socket @param {(message: any) => void} take */
function readMessages(socket, take) {
  let buffer = Buffer.alloc(0)
  socket.on('data', (piece) => {
    buffer = Buffer.concat([buffer, piece])
    for (;;) {
      const end = buffer.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/Content-Length: (\d+)/.exec(buffer.toString('latin1', 0, end))?.[1])
      if (buffer.length < end + 4 + length) return
      const body = buffer.subarray(end + 4, end + 4 + length)
      buffer = buffer.subarray(end + 4 + length)
      take(JSON.parse(body.toString('utf8')))
    }
  })
}
