/**
 * Where this checkout is, and whether a script was started by name or imported. Every script of this folder asks here,
 * so that none depends on the folder it is started from.
 */
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const checkoutFolder = dirname(dirname(fileURLToPath(import.meta.url)))
export const pythonsFolder = join(checkoutFolder, '.pythons')
export const setupLock = join(pythonsFolder, '.lock')

/**
 * @param {string} moduleUrl the caller's `import.meta.url`
 * @returns {boolean} true in the script that node was started with
 */
export function isMain(moduleUrl) {
  const script = process.argv[1]
  return script !== undefined && realpathSync(script) === fileURLToPath(moduleUrl)
}
