// What lies behind a file descriptor of another process: a file, a terminal, a pipe, a socket with its peer. From the
// link in /proc/PID/fd and the socket tables of the process's network namespace.
// Follows Documentation/networking/proc_net_tcp.rst of Linux 6.12.

import fs from 'node:fs'

const LISTEN = '0A'

/** The descriptors of one process. What a socket is connected to never changes, so it is looked up once. */
export class Descriptors {
  readonly #pid: number
  readonly #sockets = new Map<string, string>()

  constructor(pid: number) {
    this.#pid = pid
  }

  /** `file /var/log/app.log`, `pipe`, `socket to 10.0.0.7:5432`, …; undefined when there is no such descriptor. */
  describe(descriptor: number): string | undefined {
    let link: string
    try {
      link = fs.readlinkSync(`/proc/${this.#pid}/fd/${descriptor}`)
    } catch {
      return undefined
    }
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
    if (inode !== undefined) return this.#describeSocket(inode)
    if (link.startsWith('pipe:')) return 'pipe'
    if (link.startsWith('anon_inode:')) return link.slice('anon_inode:'.length).replace(/^\[(.*)\]$/, '$1')
    return link.startsWith('/dev/pts/') || link.startsWith('/dev/tty') ? `terminal ${link}` : `file ${link}`
  }

  /** The descriptors that an epoll descriptor watches, or undefined when it is none. */
  readWatched(descriptor: number): number[] | undefined {
    try {
      const info = fs.readFileSync(`/proc/${this.#pid}/fdinfo/${descriptor}`, 'utf8')
      return [...info.matchAll(/^tfd:\s*(\d+)/gm)].map(([, fd]) => Number(fd))
    } catch {
      return undefined
    }
  }

  #describeSocket(inode: string): string {
    const text = this.#sockets.get(inode) ?? lookUpSocket(this.#pid, inode)
    this.#sockets.set(inode, text)
    return text
  }
}

/** Unix sockets first: that table is read in no time, the others take the kernel milliseconds each. */
function lookUpSocket(pid: number, inode: string): string {
  const unix = findRow(`/proc/${pid}/net/unix`, 6, inode)
  if (unix !== undefined) return unix[7] === undefined ? 'Unix socket' : `Unix socket ${unix[7]}`
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const fields = findRow(`/proc/${pid}/net/${table}`, 9, inode)
    if (fields === undefined) continue
    const [, local = '', remote = '', state] = fields
    if (state === LISTEN) return `socket listening on ${parseEndpoint(local)}`
    const peer = parseEndpoint(remote)
    return peer.endsWith(':0') ? `socket on ${parseEndpoint(local)}` : `socket to ${peer}`
  }
  return 'socket'
}

function findRow(table: string, column: number, inode: string): string[] | undefined {
  let text: string
  try {
    text = fs.readFileSync(table, 'utf8')
  } catch {
    return undefined
  }
  const line = text.split('\n').find((row) => row.includes(` ${inode}`) && row.trim().split(/\s+/)[column] === inode)
  return line?.trim().split(/\s+/)
}

/** `0100007F:1F90` is 127.0.0.1:8080: each 32-bit word of the address in the machine's byte order. */
function parseEndpoint(text: string): string {
  const [address = '', port = '0'] = text.split(':')
  const words = address.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => [...Buffer.from(word, 'hex')].reverse())
  const host = bytes.length === 4 ? bytes.join('.') : `[${formatIpv6(bytes)}]`
  return `${host}:${Number.parseInt(port, 16)}`
}

function formatIpv6(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)).toString(16),
  )
  // The URL parser knows the canonical short form.
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
}
