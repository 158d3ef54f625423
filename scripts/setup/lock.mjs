/**
 * Keeps two set-ups of one checkout from working at the same time. The lock is a symbolic link whose text is the
 * process ids that hold it: the set-up's own and, while it runs one, its child's, so that an orphaned `npm ci` is still
 * waited for. Making a link is atomic and carries its text with it, so nobody ever sees a lock without an owner. A lock
 * whose processes have all ended is taken over.
 */
import { mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 200
const MAX_WAIT_MS = 15 * 60_000

/**
 * @template T
 * @param {string} file where the lock lives
 * @param {(lock: { addHolder: (pid: number) => void }) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, work) {
  mkdirSync(dirname(file), { recursive: true })
  await acquire(file)
  try {
    return await work({ addHolder: (pid) => setHolders(file, `${process.pid} ${pid}`) })
  } finally {
    rmSync(file, { force: true })
  }
}

/** @param {string} file */
async function acquire(file) {
  const deadline = Date.now() + MAX_WAIT_MS
  let isAnnounced = false
  while (!tryLink(file, `${process.pid}`)) {
    const holders = readHolders(file)
    if (holders === undefined) continue
    if (!holders.split(' ').some(isAlive)) {
      removeStale(file, holders)
      continue
    }
    if (Date.now() > deadline)
      throw new Error(`another set-up (process ${holders}) does not end; stop it, or type: rm '${file}'`)
    if (!isAnnounced) console.error(`waiting for another set-up, process ${holders} (should it be none: rm '${file}')`)
    isAnnounced = true
    await sleep(POLL_MS)
  }
}

/** @param {string} file @param {string} holders @returns {boolean} false when somebody has it */
function tryLink(file, holders) {
  try {
    symlinkSync(holders, file)
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false
    throw error
  }
}

/** @param {string} file @returns {string | undefined} undefined when it was given back meanwhile */
function readHolders(file) {
  try {
    return readlinkSync(file)
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined
    throw new Error(`${file} is not a lock of the set-up; type: rm -r '${file}'`, { cause: error })
  }
}

/**
 * Two set-ups may find the same dead owner. The slower one would rename the faster one's new lock, so it looks at what
 * it got and puts a lock that is not the dead one back.
 *
 * @param {string} file @param {string} deadHolders
 */
function removeStale(file, deadHolders) {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  const holders = readlinkSync(aside)
  rmSync(aside)
  if (holders !== deadHolders) tryLink(file, holders)
}

/** @param {string} file @param {string} holders */
function setHolders(file, holders) {
  const next = `${file}.${process.pid}`
  symlinkSync(holders, next)
  renameSync(next, file)
}

/**
 * A process that ended but was not waited for still answers to signals, so its state is looked at where it can be.
 *
 * @param {string} pid
 */
function isAlive(pid) {
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')
  } catch {
    return true
  }
}
