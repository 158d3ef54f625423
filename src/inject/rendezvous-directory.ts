// A directory that both sides reach and that only the target's user can enter: the staged script and the socket lie
// in it. The target may live in another mount namespace or below another root, so it has two names: the target's own,
// and ours. Once it is given to the target's user, that user can put anything in its place: we keep a descriptor of the
// very directory that we made, reach everything through it, and never follow a link in a foreign root.

import fs from 'node:fs'
import { RemoraError, systemErrorCode } from '../errors/remora-error.js'
import { processExists } from '../process/list.js'
import { readOwnPidNamespace } from '../process/namespaces.js'
import { pathOfDescriptor } from '../process/own-descriptors.js'
import type { ProcessStatus } from '../process/status.js'
import { readRootPrefix } from '../process/target-files.js'
import { randomHex } from './random.js'

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants

/**
 * Where a temporary directory is tried, in this order, below the target's root. First in memory: removing a directory
 * from a disk can take more time than running a script, and a disk may be full.
 */
export const PLACES: readonly string[] = ['/dev/shm', '/tmp', '/var/tmp', '/run']
/** More than all files that lie in a rendezvous: the script, a few KB, and sockets. */
const NEEDED_BYTES = 1 << 16

export class RendezvousDirectory {
  /** Its path as the target sees it. */
  readonly theirs: string
  readonly #status: ProcessStatus
  readonly #place: number
  readonly #descriptor: number
  readonly #name: string

  private constructor(status: ProcessStatus, place: string, placeDescriptor: number) {
    this.#status = status
    this.#place = placeDescriptor
    this.#name = directoryName(status.pid)
    this.theirs = `${place.replace(/\/$/, '')}/${this.#name}`
    const path = pathOfDescriptor(placeDescriptor, this.#name)
    fs.mkdirSync(path, { mode: 0o700 })
    try {
      this.#descriptor = fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      if (this.#foreign) fs.fchownSync(this.#descriptor, status.uid, status.gid)
    } catch (error) {
      fs.rmdirSync(path)
      throw error
    }
  }

  /**
   * Makes the directory, mode 0700, owned by the target's user.
   * @param places Absolute paths as the target sees them, instead of the usual ones.
   * @throws RemoraError `RENDEZVOUS_UNAVAILABLE` with the reason for each place that was tried.
   */
  static make(status: ProcessStatus, places: readonly string[] = PLACES): RendezvousDirectory {
    const reasons: Record<string, string> = {}
    for (const place of places) {
      try {
        return RendezvousDirectory.#makeIn(status, place)
      } catch (error) {
        reasons[place] = systemErrorCode(error) ?? (error as Error).message
      }
    }
    const tried = Object.entries(reasons).map(([place, reason]) => `${place} (${reason})`)
    throw new RemoraError(
      'RENDEZVOUS_UNAVAILABLE',
      `no directory is writable here and visible to process ${status.pid}: tried ${tried.join(', ')}`,
      { pid: status.pid, reasons },
    )
  }

  static #makeIn(status: ProcessStatus, place: string): RendezvousDirectory {
    const descriptor = openBelowRoot(status, place, (stats) => requireSearchable(stats, status))
    try {
      requireRoom(descriptor)
      return new RendezvousDirectory(status, place, descriptor)
    } catch (error) {
      fs.closeSync(descriptor)
      throw error
    }
  }

  /** How this process reaches the place in which it lies. */
  get place(): string {
    return pathOfDescriptor(this.#place)
  }

  /** How this process reaches what is called `name` in it. */
  pathOf(name: string): string {
    return pathOfDescriptor(this.#descriptor, name)
  }

  /** Writes a file that only the target's user can read. */
  writeFile(name: string, text: string): void {
    const descriptor = fs.openSync(this.pathOf(name), 'wx', 0o400)
    try {
      fs.writeSync(descriptor, text)
      if (this.#foreign) fs.fchownSync(descriptor, this.#status.uid, this.#status.gid)
    } finally {
      fs.closeSync(descriptor)
    }
  }

  hasFile(name: string): boolean {
    return fs.existsSync(this.pathOf(name))
  }

  /** Hands a socket that listens to the target's user. */
  handOverSocket(name: string): void {
    if (this.#foreign) fs.lchownSync(this.pathOf(name), this.#status.uid, this.#status.gid)
  }

  /** The target removes files too, when it comes to a request whose client seems dead: then they are gone already. */
  removeFile(name: string): void {
    try {
      fs.unlinkSync(this.pathOf(name))
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error
    }
  }

  /** Removes the directory itself, if nothing is left in it. */
  remove(): void {
    try {
      fs.rmdirSync(`${this.place}/${this.#name}`)
    } catch (error) {
      if (!['ENOENT', 'ENOTEMPTY', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) throw error
    } finally {
      fs.closeSync(this.#descriptor)
      fs.closeSync(this.#place)
    }
  }

  get #foreign(): boolean {
    return this.#status.uid !== process.geteuid?.()
  }
}

const NAME = /^remora-(\d+)-(\d+)-(\d+)-[0-9a-f]{12}$/

/** Tells which process made the directory and for which target: PIDs count in their own PID namespace only. */
function directoryName(target: number): string {
  return `remora-${process.pid}-${readOwnPidNamespace()}-${target}-${randomHex(6)}`
}

/** The PID of the target for which a Remora of our PID namespace made the directory of that name, if it has ended since. */
export function findTargetLeftBehind(name: string): number | undefined {
  const [, client, namespace, target] = NAME.exec(name) ?? []
  const isLeft = client !== undefined && namespace === readOwnPidNamespace() && !processExists(Number(client))
  return isLeft ? Number(target) : undefined
}

/**
 * Opens a directory of the target's by its path there. In another root than ours no part of the path may be a link:
 * an absolute one would lead back into our own.
 * @param check Called with each directory on the way.
 */
export function openBelowRoot(status: ProcessStatus, path: string, check: (stats: fs.Stats) => void): number {
  const root = readRootPrefix(status.pid)
  let descriptor = fs.openSync(`${root}/`, O_RDONLY | O_DIRECTORY)
  for (const part of path.split('/').filter((name) => name !== '')) {
    const parent = descriptor
    try {
      const follow = root === '' ? 0 : O_NOFOLLOW
      descriptor = fs.openSync(pathOfDescriptor(parent, part), O_RDONLY | O_DIRECTORY | follow)
    } finally {
      fs.closeSync(parent)
    }
    try {
      check(fs.fstatSync(descriptor))
    } catch (error) {
      fs.closeSync(descriptor)
      throw error
    }
  }
  return descriptor
}

function requireRoom(descriptor: number): void {
  const { bavail, bsize } = fs.statfsSync(pathOfDescriptor(descriptor))
  if (bavail * bsize < NEEDED_BYTES) throw new Error('full')
}

/** The target must be able to pass through: a world-searchable directory, or one of its own, will do. */
function requireSearchable({ mode, uid: owner, gid: group }: fs.Stats, { uid, gid }: ProcessStatus): void {
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001
  if (uid !== 0 && (mode & bit) === 0) throw new Error(`not searchable by uid ${uid}`)
}
