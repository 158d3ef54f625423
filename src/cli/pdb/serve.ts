// `remora pdb --listen`: waits for a client with the token, and only then attaches; the program runs until somebody comes.

import type net from 'node:net'
import { RemoraError } from '../../errors/remora-error.js'
import { randomHex } from '../../inject/random.js'
import { serveFrontEnd } from '../../pdb/serve-front-end.js'
import type { PdbSession } from '../../session/run/open-pdb.js'
import { type Invocation, stringOption } from '../command.js'
import type { Terminal } from '../terminal/terminal.js'
import { LineFrontEnd } from './front-end.js'
import { isLoopback, LineServer, type ListenOptions, parseListenAddress } from './line-server.js'
import { PipedLines } from './piped-lines.js'
import { TelnetInput } from './telnet-input.js'

/** Where to listen, and the token that lets a client in; undefined without `--listen` and `--listen-unix`. */
export function readListenOptions(invocation: Invocation): ListenOptions | undefined {
  const listen = stringOption(invocation, 'listen')
  const path = stringOption(invocation, 'listen-unix')
  const open = invocation.options['no-token'] === true
  if (listen === undefined && path === undefined) return undefined
  if (invocation.options.json === true) {
    const option = listen === undefined ? '--listen-unix' : '--listen'
    throw new RemoraError('USAGE', `--json cannot be combined with ${option}`, { command: 'pdb' })
  }
  if (listen !== undefined && path !== undefined) {
    throw new RemoraError('USAGE', '--listen cannot be combined with --listen-unix', { command: 'pdb' })
  }
  const address = listen === undefined ? { path: path ?? '' } : parseListenAddress(listen)
  if (open && 'host' in address && !isLoopback(address.host)) {
    throw new RemoraError('USAGE', `--no-token is for the loopback only, which ${address.host} is not`, {
      command: 'pdb',
    })
  }
  return { address, token: open ? undefined : randomHex(16) }
}

/** The client, once it has come. `stop` gives up waiting. */
export async function waitForClient(
  options: ListenOptions,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<net.Socket | undefined> {
  const server = await LineServer.open(options)
  const { token } = options
  const first = token === undefined ? '' : `; the first line is the token ${token}`
  await terminal.writeError(`remora: waiting for a client: nc ${server.address}${first}\n`)
  const stopped = new Promise<undefined>((resolve) => stop.addEventListener('abort', () => resolve(undefined)))
  try {
    return await Promise.race([server.client, stopped])
  } finally {
    server.close()
  }
}

/** Runs the session on the client's socket. It ends when either side goes. */
export async function serve(session: PdbSession, socket: net.Socket): Promise<void> {
  const write = (text: string): Promise<void> => new Promise((resolve) => socket.write(text, () => resolve()))
  const input = new TelnetInput(() => {
    if (!lines.interrupt() && !frontEnd.interrupt()) session.interrupt()
  })
  socket.pipe(input)
  const lines = new PipedLines({ input, write, gone: session.ended })
  const frontEnd = new LineFrontEnd({ lines, write, page: write, checkBlock: (block) => session.checkBlock(block) })
  socket.on('close', () => session.close())
  try {
    await serveFrontEnd(session, frontEnd)
  } finally {
    lines.close()
    socket.end()
  }
}
