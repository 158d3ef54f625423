// The client of bench/trace-load.mjs, a process of its own so that it can be kept to one core: a closed loop, in which each
// connection asks again when it has its answer. For a line of its input, a number of milliseconds, it asks for so long and
// prints what it has seen; for each of the following as well.

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
  const failures = await Promise.all(Array.from({ length: CONNECTIONS }, () => askAgain(until, times)))
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
function askAgain(until, times) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    let [asked, answer] = [0, '']
    const ask = () => {
      answer = ''
      asked = performance.now()
      socket.write(REQUEST)
    }
    const end = (/** @type {boolean} */ failed) => {
      socket.destroy()
      resolve(failed)
    }
    socket.on('connect', ask)
    socket.on('data', (data) => {
      answer += data.toString('latin1')
      if (!isWhole(answer)) return
      times.push(performance.now() - asked)
      if (!answer.startsWith('HTTP/1.1 200 ')) end(true)
      else if (performance.now() < until) ask()
      else end(false)
    })
    socket.on('close', () => end(true))
    socket.on('error', () => end(true))
  })
}

/** @param {string} answer */
function isWhole(answer) {
  const head = answer.indexOf('\r\n\r\n')
  const length = /^content-length: (\d+)/im.exec(answer)?.[1]
  return head >= 0 && answer.length >= head + 4 + Number(length)
}
