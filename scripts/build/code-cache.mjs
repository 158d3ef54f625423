/**
 * Leaves V8's code cache beside the built commands (`exec.cjs.cache`). V8 compiles functions at their first call
 * otherwise. Where there is a Python to try the short commands on, their caches hold the functions that they called: as
 * reading a cache takes time for all that is in it, this is faster than a cache of all functions, which the others get.
 * src/cli/load-command.ts reads them.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'
import vm from 'node:vm'
import { findPythons } from '../pythons/find-pythons.mjs'

const tryCommand = fileURLToPath(new URL('try-command.mjs', import.meta.url))

/** Typical words of short commands; PID stands for that of a target. @type {Readonly<Record<string, string[]>>} */
const WORDS = {
  stack: ['PID'],
  'stack-locals': ['PID', '--locals'],
  tasks: ['PID'],
  inspect: ['PID', '@main'],
  exec: ['PID', '-c', '0'],
  eval: ['PID', '0'],
  pdb: ['PID', '-c', 'where', '-c', 'q'],
  // At a rate at which it leaves V8's flags as they are: a cache is good for the flags it was made with.
  record: ['PID', '--rate', '5000', '--duration', '0.2', '--json'],
}

/** @param {string} folder whose .cjs files get a cache each */
export function writeCodeCaches(folder) {
  const python = findPythons().find(({ debug }) => !debug)
  for (const file of fs.readdirSync(folder)) {
    if (!file.endsWith('.cjs')) continue
    const filename = path.resolve(folder, file)
    const words = WORDS[path.basename(file, '.cjs')]
    const isTried = python !== undefined && words !== undefined && writeCalled(filename, python.path, words)
    if (!isTried) writeAll(filename)
  }
}

/** @param {string} filename @param {string} python @param {string[]} words */
function writeCalled(filename, python, words) {
  return spawnSync(process.execPath, [tryCommand, filename, python, ...words], { stdio: 'ignore' }).status === 0
}

/** The hash of the flags is a part of the cache: hence the flag only for the compilation. @param {string} filename */
function writeAll(filename) {
  v8.setFlagsFromString('--no-lazy')
  const script = new vm.Script(fs.readFileSync(filename, 'utf8'), { filename })
  v8.setFlagsFromString('--lazy')
  fs.writeFileSync(`${filename}.cache`, script.createCachedData())
}
