// The client of bench/trace-load.mjs, a process of its own so that it can be kept to one core. It is a closed loop: each
// connection sends its next request when it has the response to the last one. Each line of its input is a number of
// milliseconds; the client sends requests for so long and prints what it has measured.

import net from 'node:net'
import readline from 'node:readline'

const CONNECTIONS = Number(process.env.REMORA_CONNECTIONS ?? 1)
const REQUEST = 'GET /order HTTP/1.1\r\nHost: localhost\r\n\r\n'
const port = Number(process.argv[2])

for await (const line of readline.createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await load(Number(line))))
}

/** @param {number} ms */
async function load(ms) {
  const times = /** @type {number[]} */ ([])
  const started = performance.now()
  const until = started + ms
  const failures = await Promise.all(Array.from({ length: CONNECTIONS }, () => sendRequests(until, times)))
  const seconds = (performance.now() - started) / 1000
  times.sort((a, b) => a - b)
  const at = (/** @type {number} */ part) => times[Math.floor(times.length * part)] ?? Number.NaN
  const failed = failures.filter(Boolean).length
  return { requests: times.length, rate: times.length / seconds, failed, p50: at(0.5), p99: at(0.99) }
}

/**
 * One connection; whether it has failed.
 * @param {number} until
 * @param {number[]} times
 * @returns {Promise<boolean>}
 */
function sendRequests(until, times) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    let [sent, response] = [0, '']
    const send = () => {
      response = ''
      sent = performance.now()
      socket.write(REQUEST)
    }
    const end = (/** @type {boolean} */ failed) => {
      socket.destroy()
      resolve(failed)
    }
    socket.on('connect', send)
    socket.on('data', (data) => {
      response += data.toString('latin1')
      if (!isComplete(response)) return
      times.push(performance.now() - sent)
      if (!response.startsWith('HTTP/1.1 200 ')) end(true)
      else if (performance.now() < until) send()
      else end(false)
    })
    socket.on('close', () => end(true))
    socket.on('error', () => end(true))
  })
}

/** @param {string} response */
function isComplete(response) {
  const head = response.indexOf('\r\n\r\n')
  const length = /^content-length: (\d+)/im.exec(response)?.[1]
  return head >= 0 && response.length >= head + 4 + Number(length)
}
