// Loads a built command with the machine code that the build left beside it: compiling a command from its source takes
// a fifth of the time of a short one. V8 itself rejects a cache of another version of V8 or with other flags, and then
// compiles the source as ever; a package from a registry comes without caches.

import fs from 'node:fs'
import path from 'node:path'
import vm from 'node:vm'

export interface CommandModule {
  main(words: readonly string[]): Promise<number>
}

/**
 * This function is built as CommonJS itself, and lends its `require`: a built command asks it for Node's own modules only.
 * @param file Path of a command as the build makes it, the function around a CommonJS module, relative to the file that
 * this is built into.
 */
export function loadCommand<T = CommandModule>(file: string): T {
  const filename = path.join(import.meta.dirname, file)
  const cachedData = readCache(filename)
  const options = cachedData === undefined ? { filename } : { filename, cachedData }
  const module = { exports: {} }
  const script = new vm.Script(fs.readFileSync(filename, 'utf8'), options)
  script.runInThisContext()(module.exports, require, module, filename, path.dirname(filename))
  return module.exports as T
}

function readCache(filename: string): Buffer | undefined {
  try {
    return fs.readFileSync(`${filename}.cache`)
  } catch {
    return undefined
  }
}
