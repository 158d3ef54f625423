// Which process listens on which TCP port. The kernel's table of a network namespace gives port and inode of each
// socket, the descriptors of a process give the inodes it holds. UDP and Unix sockets are left out: no target is named
// by them. Follows Documentation/networking/proc_net_tcp.rst of Linux 6.12.

import fs from 'node:fs'

/** One socket in the state LISTEN. */
export interface ListeningSocket {
  readonly port: number
  readonly inode: number
  /** Its owner, as this process's user namespace numbers it. */
  readonly uid: number
}

/** The tables by network namespace; pass the same map again when many processes are looked at. */
export type SocketTables = Map<string, readonly ListeningSocket[]>

const LISTEN = '0A'
/** An open request of a connection: kernels before 4.4 list them among the listening sockets. */
const SYN_RECV = '03'
const READ_BYTES = 64 * 1024

/** The ports on which a process listens, ascending; none when its descriptors may not be read. */
export function readListeningPorts(pid: number, tables: SocketTables = new Map()): number[] {
  const held = readSocketInodes(pid)
  // The table of a namespace costs milliseconds, however short it is.
  if (held.size === 0) return []
  const sockets = readListeningSockets(pid, tables).filter(({ inode }) => held.has(inode))
  const ports = sockets.map(({ port }) => port)
  return [...new Set(ports)].sort((a, b) => a - b)
}

/** All listening sockets of the network namespace of a process, whoever holds them. */
export function readListeningSockets(pid: number, tables: SocketTables = new Map()): readonly ListeningSocket[] {
  let namespace: string
  try {
    namespace = fs.readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return []
  }
  const known = tables.get(namespace)
  if (known !== undefined) return known
  const [ipv4, ipv6] = ['tcp', 'tcp6'].map((name) => readListeningPart(`/proc/${pid}/net/${name}`))
  // The process has just ended; the next one of this namespace will show its table. IPv6 may be switched off.
  if (ipv4 === undefined) return []
  const sockets = parseTcpTable(ipv4 + (ipv6 ?? ''))
  tables.set(namespace, sockets)
  return sockets
}

/** The listening sockets of a table such as /proc/net/tcp. */
export function parseTcpTable(text: string): ListeningSocket[] {
  return text.split('\n').flatMap((line): ListeningSocket[] => {
    const [, local, , state, , , , uid, , inode] = line.trim().split(/\s+/)
    const port = /^[0-9A-F]+:([0-9A-F]{4})$/.exec(local ?? '')?.[1]
    if (state !== LISTEN || port === undefined) return []
    return [{ port: Number.parseInt(port, 16), inode: Number(inode), uid: Number(uid) }]
  })
}

/** The kernel lists listening sockets first; a busy server has a hundred thousand others behind them. */
function readListeningPart(path: string): string | undefined {
  let descriptor: number
  try {
    descriptor = fs.openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    const bytes = Buffer.allocUnsafe(READ_BYTES)
    let text = ''
    // The kernel hands out whole lines.
    for (let piece = readPiece(descriptor, bytes); piece !== ''; piece = readPiece(descriptor, bytes)) {
      text += piece
      if (hasOtherStates(piece)) break
    }
    return text
  } finally {
    fs.closeSync(descriptor)
  }
}

function readPiece(descriptor: number, bytes: Buffer): string {
  return bytes.toString('latin1', 0, fs.readSync(descriptor, bytes, 0, bytes.length, null))
}

function hasOtherStates(piece: string): boolean {
  return [...piece.matchAll(/^ *\d+: \S+ \S+ ([0-9A-F]{2}) /gm)].some(
    ([, state]) => state !== LISTEN && state !== SYN_RECV,
  )
}

function readSocketInodes(pid: number): Set<number> {
  const inodes = new Set<number>()
  for (const name of readNames(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${name}`))?.[1]
    if (inode !== undefined) inodes.add(Number(inode))
  }
  return inodes
}

function readNames(path: string): string[] {
  try {
    return fs.readdirSync(path)
  } catch {
    return []
  }
}

/** '' when the descriptor was closed in between. */
function readLink(path: string): string {
  try {
    return fs.readlinkSync(path)
  } catch {
    return ''
  }
}
