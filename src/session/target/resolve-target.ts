// From the word that a person types for a target to a process: a PID, `:PORT`, or a word of a command line. A word must
// mean one process; where it means several, the error lists them. Each is pinned before what it is found by is read, so
// that it is the very process that had the word or the port.

import { RemoraError } from '../../errors/remora-error.js'
import { type NamedProcess, pinProcess } from '../../process/identity.js'
import { readAncestors, readProcessIds } from '../../process/list.js'
import {
  type ListeningSocket,
  readListeningPorts,
  readListeningSockets,
  type SocketTables,
} from '../../process/sockets.js'
import { readArguments, userName } from '../../process/status.js'
import { escapeControls } from '../words/escape-controls.js'
import { findProcesses, matchesWord } from './list-processes.js'

interface Candidate {
  readonly named: NamedProcess
  readonly command: string
}

const MAX_PORT = 65_535
/** More would fill the screen; the error's details hold them all. */
const MAX_LISTED = 20
const MAX_COMMAND_LENGTH = 100

/**
 * @throws RemoraError `TARGET_INVALID` for what cannot be a target, `TARGET_AMBIGUOUS` when the word means several
 * processes, `PROCESS_NOT_FOUND` when it means none, `PERMISSION_DENIED` when only another user can tell who listens.
 */
export function resolveTarget(word: string): NamedProcess {
  if (/^[1-9]\d{0,9}$/.test(word)) return pinProcess(Number(word))
  // Zero, signed numbers, and those with too many digits.
  if (word.trim() === '' || /^[+-]?\d+$/.test(word)) {
    throw new RemoraError('TARGET_INVALID', `${JSON.stringify(word)} is not a process id`, { target: word })
  }
  return word.startsWith(':') ? resolvePort(word) : resolveWord(word)
}

function resolvePort(word: string): NamedProcess {
  const port = /^:\d{1,5}$/.test(word) ? Number(word.slice(1)) : 0
  if (port < 1 || port > MAX_PORT) {
    throw new RemoraError('TARGET_INVALID', `${escapeControls(word)} is not a port: write :8000`, { target: word })
  }
  const tables: SocketTables = new Map()
  const listening = readProcessIds().flatMap((pid): Candidate[] => {
    const named = pinProcess(pid)
    if (pid === process.pid || !listensOn(pid, port, tables)) return []
    return [{ named, command: readArguments(pid).join(' ') }]
  })
  const [only] = listening
  if (only === undefined) throw nobodyListens(port, tables)
  if (listening.length === 1) return only.named
  // Supervisors hold the sockets of their children. If one of them all is Python, it is the one that is meant.
  const found = new Set(findProcesses().map(({ info }) => info.pid))
  const pythons = listening.filter(({ named }) => found.has(named.pid))
  return takeOnly(pythons.length > 0 ? pythons : listening, word, `listen on port ${port}`)
}

/** The descriptors are looked at only where somebody in the namespace listens on that port. */
function listensOn(pid: number, port: number, tables: SocketTables): boolean {
  const isThere = readListeningSockets(pid, tables).some((socket) => socket.port === port)
  return isThere && readListeningPorts(pid, tables).includes(port)
}

function nobodyListens(port: number, tables: SocketTables): RemoraError {
  const sockets: ListeningSocket[] = [...tables.values()].flat()
  const hidden = sockets.find((socket) => socket.port === port)
  if (hidden === undefined) {
    return new RemoraError('PROCESS_NOT_FOUND', `no process listens on TCP port ${port}`, { port })
  }
  const ownerUser = userName(hidden.uid)
  return new RemoraError('PERMISSION_DENIED', `port ${port} belongs to a process that Remora may not read`, {
    port,
    ...(hidden.uid === process.geteuid?.() ? {} : { ownerUser }),
  })
}

function resolveWord(word: string): NamedProcess {
  const started = new Set(readAncestors(process.pid))
  const matches = findProcesses().filter(({ info }) => matchesWord(info, word))
  // Those that started Remora have the word in their command line because of that.
  const candidates = matches.filter(({ info }) => !started.has(info.pid))
  const attachable = candidates.filter(({ info }) => info.attachable)
  // What is not attachable is still named: the attach then says why it is not.
  const meant = attachable.length > 0 ? attachable : candidates
  return takeOnly(
    meant.map(({ named, info: { command } }) => ({ named, command })),
    word,
    `have ${escapeControls(word)} in their command line`,
  )
}

function takeOnly(candidates: readonly Candidate[], word: string, what: string): NamedProcess {
  const [only] = candidates
  if (only === undefined) throw noMatch(word)
  if (candidates.length === 1) return only.named
  const matches = candidates.map(({ named: { pid }, command }) => ({ pid, command }))
  const width = Math.max(...matches.map(({ pid }) => String(pid).length))
  const lines = matches.slice(0, MAX_LISTED).map(({ pid, command }) => {
    return `  ${String(pid).padStart(width)}  ${cut(escapeControls(command))}`
  })
  const more = candidates.length > MAX_LISTED ? [`  and ${candidates.length - MAX_LISTED} more`] : []
  throw new RemoraError('TARGET_AMBIGUOUS', [`${candidates.length} processes ${what}:`, ...lines, ...more].join('\n'), {
    target: word,
    matches,
  })
}

function noMatch(word: string): RemoraError {
  const shown = escapeControls(word)
  if (/^[+-]?\d/.test(word)) {
    const message = `${shown} is not a process id, and no Python process has it in its command line`
    return new RemoraError('TARGET_INVALID', message, { target: word })
  }
  return new RemoraError('PROCESS_NOT_FOUND', `no Python process has ${shown} in its command line`, { target: word })
}

function cut(text: string): string {
  return text.length > MAX_COMMAND_LENGTH ? `${text.slice(0, MAX_COMMAND_LENGTH - 1)}…` : text
}
