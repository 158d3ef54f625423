// Where Remora and its agents meet: a Unix socket in a directory of the target's user. One rendezvous serves all
// requests of a session; each request has a file of its own and two one-time tokens, ours and the agent's, so that a
// stranger who finds the socket is turned away and an agent that nobody expects any more is told so.

import type net from 'node:net'
import type { Runtime } from '../cpython/runtime/find-runtime.js'
import type { PythonVersion } from '../cpython/versions/version.js'
import type { ProcessStatus } from '../process/status.js'
import { sweep, sweepUnasked } from './abandoned-request.js'
import { type AgentCode, type AgentName, bootstrapFor, findAgent } from './agent-code.js'
import { AgentConnection } from './agent-connection.js'
import { Channel } from './channel.js'
import { MESSAGES, PROTOCOL, parseJson } from './protocol.js'
import { randomHex } from './random.js'
import { RendezvousDirectory } from './rendezvous-directory.js'
import { Turns } from './turns.js'

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
  /** Whether its file is still there: an agent that takes its client for dead removes it. */
  isThere(): boolean
  /** When it is discarded before that moment, its file stays until then, or until the rendezvous is closed. */
  keepUntil(moment: Promise<void>): void
  /** Its path as the target sees it: what the request names. */
  readonly path: string
}

interface Expected {
  readonly clientToken: string
  readonly codeFor: (magic: number | undefined) => AgentCode
  readonly resolve: (connection: AgentConnection) => void
}

/** What an agent says of itself when it comes. */
interface Hello {
  readonly token: string
  /** The magic number of its interpreter's bytecode. */
  readonly magic: number | undefined
  readonly threadName: string | undefined
}

export interface RendezvousOptions {
  /** See `RendezvousDirectory.make`. */
  readonly places?: readonly string[] | undefined
  /** Of the target; without it, the first code is compiled there. */
  readonly version?: PythonVersion | undefined
}

export class Rendezvous {
  /** Of the requests that are made through it. */
  readonly turns = new Turns()
  readonly #bootstrap: readonly string[]
  readonly #directory: RendezvousDirectory
  readonly #status: ProcessStatus
  readonly #expected = new Map<string, Expected>()
  readonly #files = new Set<string>()
  #server: net.Server | undefined
  #listening: Promise<void> | undefined
  #closed = false

  /**
   * Makes the directory.
   * @throws RemoraError `RENDEZVOUS_UNAVAILABLE`
   */
  constructor(status: ProcessStatus, { places, version }: RendezvousOptions = {}) {
    this.#bootstrap = bootstrapFor(version)
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

  /** Writes the file for one request. */
  stage(agent: AgentName): StagedRequest {
    const name = `${randomHex(8)}.py`
    const { path, request } = this.#expect(agent, name)
    this.#directory.writeFile(name, request.script)
    this.#files.add(name)
    let kept: Promise<void> | undefined
    const remove = (): void => {
      if (this.#files.delete(name)) this.#directory.removeFile(name)
    }
    return {
      ...request,
      path,
      isThere: () => this.#directory.hasFile(name),
      keepUntil: (moment) => {
        kept = moment
      },
      discard: () => {
        request.discard()
        if (kept === undefined) remove()
        else void kept.then(remove)
      },
    }
  }

  /** Expects an agent whose script comes to the target by another way than a file. */
  expect(agent: AgentName): ExpectedRequest {
    return this.#expect(agent, `${randomHex(8)}.py`).request
  }

  #expect(agent: AgentName, name: string): { readonly path: string; readonly request: ExpectedRequest } {
    const [token, clientToken] = [randomHex(16), randomHex(16)]
    const { theirs: directory } = this.#directory
    const path = `${directory}/${name}`
    const config = { directory, socket: `${directory}/${SOCKET}`, script: path, token, clientToken }
    const arrival = new Promise<AgentConnection>((resolve) => {
      this.#expected.set(token, { clientToken, codeFor: findAgent(agent), resolve })
    })
    const discard = (): void => void this.#expected.delete(token)
    return { path, request: { script: toScript(this.#bootstrap, config), arrival, discard } }
  }

  /** Stops listening and removes the directory with what is left in it; staged requests have been discarded by then. */
  close(): void {
    this.#closed = true
    this.#server?.close()
    this.#directory.removeFile(SOCKET)
    for (const name of this.#files) this.#directory.removeFile(name)
    this.#files.clear()
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
    const message = await channel.receive()
    clearTimeout(timer)
    const hello = message?.kind === MESSAGES.hello.kind ? parseHello(message.payload) : undefined
    const expected = hello && this.#expected.get(hello.token)
    // One that we have kept waiting for its second has gone on: it runs nothing, and is asked for again.
    const isThere = expected !== undefined && (await channel.isOpen())
    if (hello === undefined || !isThere || !this.#expected.delete(hello.token)) {
      channel.close()
      return
    }
    const { clientToken, codeFor, resolve } = expected
    const { magic, threadName } = hello
    resolve(new AgentConnection(channel, { clientToken, code: codeFor(magic) }, threadName))
  }
}

/** The staged file: the bootstrap, and its start, whatever happens to which nothing may be printed there. */
function toScript(bootstrap: readonly string[], config: Readonly<Record<string, string>>): string {
  const lines = [...bootstrap, `remora = main(${JSON.stringify(config)})`, 'del main']
  // By this name other agents know its frames.
  return `remora = None\ntry:\n${lines.map((line) => `    ${line}\n`).join('')}except BaseException:\n    pass\n`
}

function parseHello(payload: Buffer): Hello | undefined {
  const { protocol, token, magic, thread } = parseJson(MESSAGES.hello, payload)
  if (protocol !== PROTOCOL || typeof token !== 'string') return undefined
  const name = typeof thread === 'string' ? Buffer.from(thread, 'hex').toString('utf8') : ''
  return {
    token,
    magic: typeof magic === 'number' ? magic : undefined,
    threadName: name === '' ? undefined : name,
  }
}
