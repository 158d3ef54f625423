// Where Remora and its agents meet: a Unix socket in a directory of the target's user. One rendezvous serves all
// requests of a session; each request has a file of its own and two one-time tokens, ours and the agent's, so that a
// stranger who finds the socket is turned away and an agent that nobody expects any more is told so.

import fs from 'node:fs'
import net from 'node:net'
import bootstrapSource from '../agents/bootstrap.py'
import { systemErrorCode } from '../errors/remora-error.js'
import type { ProcessStatus } from '../process/status.js'
import { AgentConnection, type CompiledAgents, type ExpectedAgent } from './agent-connection.js'
import { Channel } from './channel.js'
import { randomHex } from './random.js'
import { giveTo, makeRendezvousDirectory, rootOf, type SharedPath } from './rendezvous-directory.js'

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

interface Expected extends ExpectedAgent {
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

  /** How paths below the target's root begin for this process. */
  get root(): string {
    return rootOf(this.#status.pid)
  }

  /** Writes the file for one request. @param source The agent's Python source. */
  stage(source: string): StagedRequest {
    const [id, token, clientToken] = [randomHex(8), randomHex(16), randomHex(16)]
    const path = this.#pathOf(`${id}.py`)
    const knownCode = this.#compiled.get(source)
    const agent = knownCode === undefined ? source : ''
    const { theirs: directory } = this.#directory
    const config = { directory, socket: this.#socketPath.theirs, script: path.theirs, token, clientToken, agent }
    const script = `${bootstrapSource}\n\nremora = main(${JSON.stringify(config)})\ndel main\n`
    fs.writeFileSync(path.ours, script, { flag: 'wx', mode: 0o400 })
    giveTo(path.ours, this.#status)
    const arrival = new Promise<AgentConnection>((resolve) => {
      this.#expected.set(token, { clientToken, source, knownCode, resolve })
    })
    return {
      path: path.theirs,
      arrival,
      discard: () => {
        this.#expected.delete(token)
        remove(fs.unlinkSync, path.ours)
      },
    }
  }

  /** Stops listening and removes the socket and the directory; staged requests have been discarded by then. */
  close(): void {
    this.#server.close()
    remove(fs.unlinkSync, this.#socketPath.ours)
    remove(fs.rmdirSync, this.#directory.ours)
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
    expected.resolve(new AgentConnection(channel, expected, this.#compiled))
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

/** The target removes them too, when it comes to a request whose client seems dead: then they are gone already. */
function remove(remover: (path: string) => void, path: string): void {
  try {
    remover(path)
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
  }
}
