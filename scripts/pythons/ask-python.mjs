/**
 * Asks one interpreter what it is, by running a program of one line in it. The search and the Debian install call it;
 * neither believes a file name. The interpreter starts isolated (`-I -S`), so that nobody's site packages or environment
 * can answer in its place.
 */
import { spawnSync } from 'node:child_process'

const MAX_ANSWER_MS = 20_000
const QUESTION = [
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
 * @throws {Error} with the reason when it does not answer
 */
export function askPython(path) {
  const answer = runPython(path, QUESTION)
  try {
    return JSON.parse(answer)
  } catch (cause) {
    throw new Error('it does not answer as Python does', { cause })
  }
}

/**
 * @param {string} path
 * @param {string} program
 * @returns {string} what it printed
 * @throws {Error} with the last line of its complaint
 */
export function runPython(path, program) {
  const { status, signal, error, stdout, stderr } = spawnSync(path, ['-I', '-S', '-c', program], {
    encoding: 'utf8',
    timeout: MAX_ANSWER_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (error)
    throw new Error(`it cannot be started (${/** @type {NodeJS.ErrnoException} */ (error).code ?? error.message})`)
  if (status !== 0)
    throw new Error(stderr.trim().split('\n').pop() || `it ended with ${signal ?? `exit code ${status}`}`)
  return stdout
}
