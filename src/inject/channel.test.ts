import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { Channel } from './channel.js'

/** A channel on one end of a pair of streams; the test plays the agent on the other end. */
function connect() {
  const sent: Buffer[] = []
  // As sockets are: when the other end has said all, this one closes.
  const socket = new Duplex({
    allowHalfOpen: false,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      sent.push(chunk)
      done()
    },
  })
  return { channel: new Channel(socket as Socket), socket, sent }
}

function message(kind: string, payload: string | Buffer, length = payload.length): Buffer {
  const header = Buffer.alloc(5)
  header.write(kind, 'latin1')
  header.writeUInt32BE(length, 1)
  return Buffer.concat([header, Buffer.from(payload)])
}

async function receiveAll(channel: Channel): Promise<[string, string][]> {
  const messages: [string, string][] = []
  for (;;) {
    const next = await channel.receive()
    if (next === undefined) return messages
    messages.push([next.kind, next.payload.toString()])
  }
}

const told = Buffer.concat([message('o', 'first'), message('e', ''), message('x', 'third')])
const heard = [
  ['o', 'first'],
  ['e', ''],
  ['x', 'third'],
]

test('messages that come in one piece', async () => {
  const { channel, socket } = connect()
  socket.push(told)
  socket.push(null)
  expect(await receiveAll(channel)).toEqual(heard)
})

test('messages that come byte by byte', async () => {
  const { channel, socket } = connect()
  const all = receiveAll(channel)
  for (const byte of told) {
    socket.push(Buffer.of(byte))
    await new Promise(setImmediate)
  }
  socket.push(null)
  expect(await all).toEqual(heard)
})

test.each([
  ['within a header', 3],
  ['within a payload', 7],
])('an agent that dies %s has said nothing', async (_, bytes) => {
  const { channel, socket } = connect()
  socket.push(told.subarray(0, bytes))
  socket.push(null)
  expect(await receiveAll(channel)).toEqual([])
})

test('an agent that vanishes with an error is at its end, without an exception', async () => {
  const { channel, socket } = connect()
  socket.push(message('o', 'last words'))
  const first = channel.receive()
  expect((await first)?.payload.toString()).toBe('last words')
  socket.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
  expect(await channel.receive()).toBeUndefined()
})

test('a length that no agent would send ends the conversation', async () => {
  const { channel, socket } = connect()
  socket.push(message('o', 'x', 64 * 1024 * 1024 + 1))
  expect(await channel.receive()).toBeUndefined()
})

test('what is sent has the same form; a word has none', () => {
  const { channel, sent } = connect()
  channel.send('c', Buffer.from('code'))
  channel.sendWord('w')
  expect(Buffer.concat(sent)).toEqual(Buffer.concat([message('c', 'code'), Buffer.from('w')]))
})
