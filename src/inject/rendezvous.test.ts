import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { readStatus } from '../process/status.js'
import type { AgentConnection } from './agent-connection.js'
import { Channel } from './channel.js'
import { MESSAGES, PROTOCOL } from './protocol.js'
import { Rendezvous } from './rendezvous.js'

/** What the bootstrap finds in its script. */
interface Config {
  readonly socket: string
  readonly token: string
  readonly clientToken: string
}

function configOf(script: string): Config {
  return JSON.parse(/main\((\{"directory".*\})\)/.exec(script)?.[1] ?? '')
}

/** Plays an agent that comes and says who it is. */
function come({ socket, token }: Config): net.Socket {
  const hello = Buffer.from(JSON.stringify({ protocol: PROTOCOL, token, magic: 0, thread: '' }))
  const header = Buffer.from([MESSAGES.hello.kind.charCodeAt(0), 0, 0, 0, hello.length])
  const agent = net.connect(socket)
  agent.write(Buffer.concat([header, hello]))
  return agent
}

async function open(): Promise<{ config: Config; arrival: Promise<AgentConnection> }> {
  const rendezvous = new Rendezvous(readStatus(process.pid))
  onTestFinished(() => rendezvous.close())
  await rendezvous.listen()
  const { script, arrival } = rendezvous.expect('exec')
  return { config: configOf(script), arrival }
}

test('an agent that has gone before it was heard is not let in, and one that comes after it is', async () => {
  const { config, arrival } = await open()
  const gone = come(config)
  gone.end()
  await new Promise((resolve) => gone.resume().on('close', resolve))
  const agent = come(config)
  const heard = new Channel(agent).receive()
  const connection = await arrival
  connection.start({ of: 'the second' })
  expect(JSON.parse(String((await heard)?.payload))).toEqual({
    token: config.clientToken,
    config: { of: 'the second' },
  })
})

test('of two agents with one token only one is let in', async () => {
  const { config, arrival } = await open()
  const channels = [come(config), come(config)].map((socket) => new Channel(socket))
  const connection = await arrival
  connection.start({})
  const kinds = await Promise.all(channels.map(async (channel) => (await channel.receive())?.kind))
  expect(kinds.toSorted()).toEqual(['g', undefined])
})
