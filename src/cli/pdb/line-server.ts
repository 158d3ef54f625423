// A session of pdb for other people's terminals: Remora listens, on a TCP port or a Unix socket, and whoever comes with
// the token as the first line gets the session as plain lines. One at a time; a stranger learns nothing. (Contract point 7.)

import crypto from 'node:crypto'
import net from 'node:net'
import { RemoraError, systemErrorCode } from '../../errors/remora-error.js'
import { toShellWord } from '../../errors/shell-word.js'

export interface ListenOptions {
  readonly address: net.ListenOptions
  /** Undefined lets everybody in who can connect. */
  readonly token: string | undefined
}

/** How long a client may take for its token. */
const TOKEN_MS = 10_000
const MAX_TOKEN_BYTES = 256
const DENIED = 'remora: wrong token\n'

/** `HOST:PORT` as an address; `:0` chooses a port, and no host is the loopback. @throws RemoraError `USAGE` */
export function parseListenAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) {
    throw new RemoraError('USAGE', `--listen takes HOST:PORT, not ${text}`, { command: 'pdb' })
  }
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

export class LineServer {
  readonly #server: net.Server
  readonly #token: string | undefined
  #arrived: (socket: net.Socket) => void = () => {}
  /** The first client with the token. */
  readonly client = new Promise<net.Socket>((resolve) => {
    this.#arrived = resolve
  })

  private constructor({ token }: ListenOptions) {
    this.#token = token
    this.#server = net.createServer((socket) => void this.#receive(socket.on('error', () => {})))
  }

  /** @throws RemoraError `LISTEN_FAILED` */
  static async open(options: ListenOptions): Promise<LineServer> {
    const server = new LineServer(options)
    // A socket in the file system is its owner's alone, from its first moment.
    const umask = process.umask(0o177)
    const listening = new Promise<void>((resolve, reject) => {
      server.#server.once('error', (cause) => reject(toListenError(cause, options.address)))
      server.#server.listen(options.address, resolve)
    })
    process.umask(umask)
    await listening
    return server
  }

  /** Where it listens, as a person types it behind `nc`. */
  get address(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') return `-U ${toShellWord(String(address))}`
    return `${address.address} ${address.port}`
  }

  close(): void {
    this.#server.close()
  }

  async #receive(socket: net.Socket): Promise<void> {
    if (this.#token !== undefined && !(await hasToken(socket, this.#token))) {
      socket.end(DENIED)
      return
    }
    // There is one session, and so one client.
    this.close()
    this.#arrived(socket)
  }
}

/** Reads the first line, and nothing behind it: what follows is the session's. */
async function hasToken(socket: net.Socket, token: string): Promise<boolean> {
  const timer = setTimeout(() => socket.destroy(), TOKEN_MS)
  try {
    let line = Buffer.alloc(0)
    while (!line.includes(10)) {
      const piece = await readByte(socket)
      if (piece === undefined || line.length > MAX_TOKEN_BYTES) return false
      line = Buffer.concat([line, piece])
    }
    return isSame(line.toString('utf8').trim(), token)
  } finally {
    clearTimeout(timer)
  }
}

async function readByte(socket: net.Socket): Promise<Buffer | undefined> {
  for (;;) {
    const byte = socket.read(1) as Buffer | null
    if (byte !== null) return byte
    if (socket.readableEnded || socket.destroyed) return undefined
    await new Promise<void>((resolve) => {
      const go = (): void => {
        for (const event of ['readable', 'end', 'close']) socket.off(event, go)
        resolve()
      }
      for (const event of ['readable', 'end', 'close']) socket.on(event, go)
    })
  }
}

/** In a time that does not tell how much of it was right. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => crypto.createHash('sha256').update(text).digest()
  return crypto.timingSafeEqual(digest(given), digest(expected))
}

function toListenError(cause: Error, { path, host, port }: net.ListenOptions): RemoraError {
  const where = path ?? `${host}:${port}`
  return new RemoraError('LISTEN_FAILED', `cannot listen on ${where}: ${systemErrorCode(cause) ?? cause.message}`, {
    where,
    cause,
  })
}
