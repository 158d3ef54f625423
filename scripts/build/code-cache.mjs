/**
 * Leaves V8's code cache beside the built commands (`exec.cjs.cache`), with all of their functions in it. V8 compiles
 * functions at their first call otherwise, and the hash of the flags is a part of the cache: hence the flag only for
 * the time of the compilation. src/cli/load-command.ts reads it.
 */
import fs from 'node:fs'
import path from 'node:path'
import v8 from 'node:v8'
import vm from 'node:vm'

/** @param {string} folder whose .cjs files get a cache each */
export function writeCodeCaches(folder) {
  for (const name of fs.readdirSync(folder)) {
    if (!name.endsWith('.cjs')) continue
    const filename = path.join(folder, name)
    const source = `(function (exports, require, module, __filename, __dirname) { ${fs.readFileSync(filename, 'utf8')}\n})`
    v8.setFlagsFromString('--no-lazy')
    const script = new vm.Script(source, { filename })
    v8.setFlagsFromString('--lazy')
    fs.writeFileSync(`${filename}.cache`, script.createCachedData())
  }
}
