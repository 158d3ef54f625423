/**
 * What the Debian install leaves behind to say that it is complete: the file `.pythons/.stamp`. It is written last, so
 * an install that was interrupted has none. It names the folder it was made in, because the interpreters there start
 * through a dynamic loader of a fixed path: in a checkout that was moved or copied they must be pointed anew.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pythonsFolder } from '../checkout.mjs'

// Raise it when the install does something differently; what is there is then replaced.
const RECIPE = 1
const stampFile = join(pythonsFolder, '.stamp')

/** @typedef {{ recipe: number, folder: string, programs: string[] }} Stamp */

/** @returns {boolean} true when a complete install is here and starts from this very folder */
export function isDebianInstalled() {
  return readStamp()?.folder === pythonsFolder
}

/** @returns {boolean} true when it is complete but still starts through another folder's loader */
export function wasInstalledElsewhere() {
  const stamp = readStamp()
  return stamp !== undefined && stamp.folder !== pythonsFolder
}

/** @param {string[]} programs the names in `.pythons/bin` */
export function writeStamp(programs) {
  writeFileSync(stampFile, `${JSON.stringify({ recipe: RECIPE, folder: pythonsFolder, programs })}\n`)
}

export function removeStamp() {
  rmSync(stampFile, { force: true })
}

/** @returns {Stamp | undefined} */
function readStamp() {
  if (!existsSync(stampFile)) return undefined
  try {
    const stamp = JSON.parse(readFileSync(stampFile, 'utf8'))
    const isThere = (/** @type {string} */ name) => existsSync(join(pythonsFolder, 'bin', name))
    return stamp.recipe === RECIPE && stamp.programs.every(isThere) ? stamp : undefined
  } catch {
    return undefined
  }
}
