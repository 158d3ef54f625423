// Where Remora and its agents meet: a Unix socket in a directory of the target's user. One rendezvous serves all
// requests of a session; each request has a file of its own and two one-time tokens, ours and the agent's, so that a
// stranger who finds the socket is turned away and an agent that nobody expects any more is told so.

import crypto from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import bootstrapSource from '../agents/bootstrap.py'
import type { ProcessStatus } from '../process/status.js'
import { AgentConnection, type CompiledAgents } from './agent-connection.js'
import { Channel } from './channel.js'
import { giveTo, makeRendezvousDirectory, type SharedPath } from './rendezvous-directory.js'

const PROTOCOL = 1
/** How long a connection may take to say who it is. */
const HELLO_MS = 1_000

/** A script that waits in the rendezvous directory to be run by the target. */
export interface StagedRequest {
  /** Its path as the target sees it: what the request names. */
  readonly path: string
  /** Resolves when the agent has come and proved itself. */
  readonly arrival: Promise<AgentConnection>
  /** Removes the file; an agent of this request that still comes is turned away. */
  discard(): void
}

interface Expected {
  readonly clientToken: string
  readonly resolve: (connection: AgentConnection) => void
}

export class Rendezvous {
  readonly #directory: SharedPath
  readonly #status: ProcessStatus
  readonly #server: net.Server
  readonly #expected = new Map<string, Expected>()
  readonly #compiled: CompiledAgents = new Map()

  private constructor(directory: SharedPath, status: ProcessStatus) {
    this.#directory = directory
    this.#status = status
    this.#server = net.createServer((socket) => void this.#receive(socket))
  }

  /**
   * Makes the directory and listens in it.
   * @param places See `makeRendezvousDirectory`.
   * @throws RemoraError `RENDEZVOUS_UNAVAILABLE`
   */
  static async open(status: ProcessStatus, places?: readonly string[]): Promise<Rendezvous> {
    const rendezvous = new Rendezvous(makeRendezvousDirectory(status, places), status)
    const { ours } = rendezvous.#socketPath
    await new Promise<void>((resolve, reject) => {
      rendezvous.#server.once('error', reject)
      rendezvous.#server.listen(ours, resolve)
    })
    rendezvous.#server.unref()
    giveTo(ours, status)
    return rendezvous
  }

  stage(): StagedRequest {
    const [id, token, clientToken] = [randomHex(8), randomHex(16), randomHex(16)]
    const path = this.#pathOf(`${id}.py`)
    const config = { socket: this.#socketPath.theirs, script: path.theirs, token, clientToken }
    const source = `${bootstrapSource}\n\nremora = main(${JSON.stringify(config)})\ndel main\n`
    fs.writeFileSync(path.ours, source, { flag: 'wx', mode: 0o400 })
    giveTo(path.ours, this.#status)
    const arrival = new Promise<AgentConnection>((resolve) => {
      this.#expected.set(token, { clientToken, resolve })
    })
    return {
      path: path.theirs,
      arrival,
      discard: () => {
        this.#expected.delete(token)
        fs.rmSync(path.ours, { force: true })
      },
    }
  }

  /** Stops listening and removes everything that lies in the directory, and the directory itself. */
  close(): void {
    this.#server.close()
    fs.rmSync(this.#directory.ours, { recursive: true, force: true })
  }

  async #receive(socket: net.Socket): Promise<void> {
    const channel = new Channel(socket)
    const timer = setTimeout(() => channel.close(), HELLO_MS)
    const hello = await channel.receive()
    clearTimeout(timer)
    const token = hello?.kind === 'h' ? parseToken(hello.payload) : undefined
    const expected = token === undefined ? undefined : this.#expected.get(token)
    if (token === undefined || expected === undefined) {
      channel.close()
      return
    }
    this.#expected.delete(token)
    expected.resolve(new AgentConnection(channel, expected.clientToken, this.#compiled))
  }

  get #socketPath(): SharedPath {
    return this.#pathOf('s')
  }

  #pathOf(name: string): SharedPath {
    return { ours: `${this.#directory.ours}/${name}`, theirs: `${this.#directory.theirs}/${name}` }
  }
}

function parseToken(payload: Buffer): string | undefined {
  try {
    const hello: unknown = JSON.parse(payload.toString('utf8'))
    if (typeof hello !== 'object' || hello === null || !('token' in hello) || !('protocol' in hello)) return undefined
    return hello.protocol === PROTOCOL && typeof hello.token === 'string' ? hello.token : undefined
  } catch {
    return undefined
  }
}

function randomHex(bytes: number): string {
  return crypto.randomBytes(bytes).toString('hex')
}
