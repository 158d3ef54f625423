/**
 * Reads what an interpreter is, by running a short program in it. The search and the Debian install call it; neither
 * believes a file name. The interpreter starts isolated (`-I -S`), so that nobody's site packages or environment
 * can answer in its place.
 */
import { spawnSync } from 'node:child_process'

const TIMEOUT_MS = 20_000
const INFO_PROGRAM = [
  'import json, sys',
  'print(json.dumps({',
  '"implementation": sys.implementation.name,',
  '"version": sys.version.split()[0].rstrip("+"),',
  '"debug": hasattr(sys, "gettotalrefcount"),',
  '"freeThreaded": "t" in getattr(sys, "abiflags", ""),',
  '"executable": sys.executable}))',
].join('\n')

/**
 * @param {string} path
 * @returns {{ implementation: string, version: string, debug: boolean, freeThreaded: boolean, executable: string }}
 * @throws {Error} with the reason when it gives none
 */
export function readPythonInfo(path) {
  const text = runPython(path, INFO_PROGRAM)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error('it does not answer as Python does', { cause })
  }
}

/**
 * @param {string} path
 * @param {string} program
 * @returns {string} what it printed
 * @throws {Error} with the last line of its error text
 */
export function runPython(path, program) {
  const { status, signal, error, stdout, stderr } = spawnSync(path, ['-I', '-S', '-c', program], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (error)
    throw new Error(`it cannot be started (${/** @type {NodeJS.ErrnoException} */ (error).code ?? error.message})`)
  if (status !== 0)
    throw new Error(stderr.trim().split('\n').pop() || `it ended with ${signal ?? `exit code ${status}`}`)
  return stdout
}
