// Where Remora and its agents meet: a Unix socket in a directory of the target's user. One rendezvous serves all
// requests of a session; each request has a file of its own and two one-time tokens, ours and the agent's, so that a
// stranger who finds the socket is turned away and an agent that nobody expects any more is told so.

import type net from 'node:net'
import bootstrapSource from '../agents/bootstrap.py'
import type { Runtime } from '../cpython/find-runtime.js'
import type { ProcessStatus } from '../process/status.js'
import { sweep, sweepUnasked } from './abandoned-request.js'
import { AgentConnection, CompiledAgents, type ExpectedAgent } from './agent-connection.js'
import { Channel } from './channel.js'
import { randomHex } from './random.js'
import { RendezvousDirectory } from './rendezvous-directory.js'

const PROTOCOL = 1
/** Name of the socket in the directory. */
const SOCKET = 's'
/** How long a connection may take to say who it is. */
const HELLO_MS = 1_000

/** A script that lets an agent in, once. */
export interface ExpectedRequest {
  /** What the target is to run. */
  readonly script: string
  /** Resolves when the agent has come and proved itself. */
  readonly arrival: Promise<AgentConnection>
  /** An agent of this request that still comes is turned away. */
  discard(): void
}

/** One that waits in the rendezvous directory to be run by the target; the file goes when it is discarded. */
export interface StagedRequest extends ExpectedRequest {
  /** Its path as the target sees it: what the request names. */
  readonly path: string
}

interface Expected extends ExpectedAgent {
  readonly resolve: (connection: AgentConnection) => void
}

export class Rendezvous {
  readonly #directory: RendezvousDirectory
  readonly #status: ProcessStatus
  readonly #expected = new Map<string, Expected>()
  readonly #compiled = new CompiledAgents()
  #server: net.Server | undefined
  #listening: Promise<void> | undefined
  #closed = false

  /**
   * Makes the directory.
   * @param places See `RendezvousDirectory.make`.
   * @throws RemoraError `RENDEZVOUS_UNAVAILABLE`
   */
  constructor(status: ProcessStatus, places?: readonly string[]) {
    this.#directory = RendezvousDirectory.make(status, places)
    this.#status = status
  }

  /** Lets agents in. To be called before the first request is written. */
  listen(): Promise<void> {
    this.#listening ??= this.#listen()
    return this.#listening
  }

  /** Removes what killed clients have left for this target; to be called before the first request. */
  sweepUnasked(runtime: Runtime): void {
    sweepUnasked(this.#directory.place, this.#status, runtime)
  }

  /** Writes the file for one request. @param source The agent's Python source. */
  stage(source: string): StagedRequest {
    const name = `${randomHex(8)}.py`
    const { path, request } = this.#expect(source, name)
    this.#directory.writeFile(name, request.script)
    return {
      ...request,
      path,
      discard: () => {
        request.discard()
        this.#directory.removeFile(name)
      },
    }
  }

  /** Expects an agent whose script comes to the target by another way than a file. */
  expect(source: string): ExpectedRequest {
    return this.#expect(source, `${randomHex(8)}.py`).request
  }

  #expect(source: string, name: string): { readonly path: string; readonly request: ExpectedRequest } {
    const [token, clientToken] = [randomHex(16), randomHex(16)]
    const { knownCode, wanted } = this.#compiled.look(source)
    const agent = knownCode === undefined ? source : ''
    const reuse = wanted ? 'compiled' : ''
    const { theirs: directory } = this.#directory
    const path = `${directory}/${name}`
    const config = { directory, socket: `${directory}/${SOCKET}`, script: path, token, clientToken, agent, reuse }
    const arrival = new Promise<AgentConnection>((resolve) => {
      this.#expected.set(token, { clientToken, source, knownCode, resolve })
    })
    const discard = (): void => void this.#expected.delete(token)
    return { path, request: { script: toScript(config), arrival, discard } }
  }

  /** Stops listening and removes the socket and the directory; staged requests have been discarded by then. */
  close(): void {
    this.#closed = true
    this.#server?.close()
    this.#directory.removeFile(SOCKET)
    sweep(this.#directory.place, this.#status.uid)
    this.#directory.remove()
  }

  async #listen(): Promise<void> {
    const { createServer } = await import('node:net')
    if (this.#closed) return
    const server = createServer((socket) => void this.#receive(socket))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.once('close', resolve)
      server.listen(this.#directory.pathOf(SOCKET), resolve)
    })
    if (this.#closed) return
    server.unref()
    this.#directory.handOverSocket(SOCKET)
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
}

/** The staged file: the bootstrap, and its start, whatever happens to which nothing may be printed there. */
function toScript(config: Readonly<Record<string, string>>): string {
  const start = [
    // By this name other agents know its frames.
    'remora = None',
    'try:',
    `    remora = main(${JSON.stringify(config)})`,
    '    del main',
    'except BaseException:',
    '    pass',
  ]
  return `${bootstrapSource}\n\n${start.join('\n')}\n`
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
