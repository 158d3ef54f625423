/**
 * Looks for CPython 3.14 and newer where developers keep interpreters: REMORA_PYTHONS, this checkout's `.pythons`, PATH,
 * pyenv and uv. Folders are read and every candidate is started once to see what it is, since a name proves nothing: a pyenv shim
 * may lead nowhere, and PyPy calls itself python too. It installs nothing.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pythonsFolder } from '../checkout.mjs'
import { isDebianInstalled } from './debian-stamp.mjs'
import { readPythonInfo } from './python-info.mjs'

/**
 * @typedef {'REMORA_PYTHONS' | '.pythons' | 'path' | 'pyenv' | 'uv'} Source
 * @typedef {object} Python
 * @property {string} name as it is usually called: python3.14, python3.14d, python3.14t
 * @property {string} path
 * @property {string} version for example 3.14.8
 * @property {boolean} debug built with Py_DEBUG
 * @property {boolean} freeThreaded built without the GIL
 * @property {Source} source where it was found
 */

const PROGRAM_NAME = /^python3\.(?:1[4-9]|[2-9]\d)t?d?$/
const OLDEST_MINOR = 14

/**
 * @returns {Python[]} each interpreter once, in the order of the places above
 * @throws {Error} when REMORA_PYTHONS names something that is no CPython >= 3.14
 */
export function findPythons() {
  const named = process.env.REMORA_PYTHONS
  if (named) return withoutDoubles(named.split(delimiter).filter(Boolean).map(toNamedPython))

  const places = /** @type {[Source, string[]][]} */ ([
    ['.pythons', isDebianInstalled() ? [join(pythonsFolder, 'bin')] : []],
    ['path', (process.env.PATH ?? '').split(delimiter).filter(Boolean)],
    ['pyenv', foldersBelow(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions')],
    ['uv', foldersBelow(uvFolder())],
  ])
  const seen = new Set()
  const found = places.flatMap(([source, folders]) =>
    folders.flatMap(programsIn).flatMap((path) => {
      const program = realpathSync(path)
      if (seen.has(program)) return []
      seen.add(program)
      return tryPython(path, source)
    }),
  )
  return withoutDoubles(found)
}

/** @param {string} path @returns {Python} */
function toNamedPython(path) {
  try {
    return toPython(path, 'REMORA_PYTHONS')
  } catch (error) {
    throw new Error(
      `REMORA_PYTHONS names ${path}, which is no CPython 3.${OLDEST_MINOR} or newer: ${/** @type {Error} */ (error).message}. ` +
        `Name working ones, separated by "${delimiter}", or type: unset REMORA_PYTHONS`,
      { cause: error },
    )
  }
}

/** @param {string} path @param {Source} source @returns {Python[]} none when it does not start or is another Python */
function tryPython(path, source) {
  try {
    return [toPython(path, source)]
  } catch {
    return []
  }
}

/** @param {string} path @param {Source} source @returns {Python} */
function toPython(path, source) {
  const { implementation, version, debug, freeThreaded, executable } = readPythonInfo(path)
  const [major, minor = 0] = version.split('.').map(Number)
  if (implementation !== 'cpython' || major !== 3 || minor < OLDEST_MINOR)
    throw new Error(`it is ${implementation} ${version}`)
  const name = `python3.${minor}${freeThreaded ? 't' : ''}${debug ? 'd' : ''}`
  // A launcher (a pyenv shim, a shell script) is not what /proc/PID/exe will show; the program it starts is.
  const isLauncher = existsSync(executable) && realpathSync(executable) !== realpathSync(path)
  return { name, path: isLauncher ? executable : path, version, debug, freeThreaded, source }
}

/** @param {string} folder @returns {string[]} */
function programsIn(folder) {
  return listFolder(folder)
    .filter((name) => PROGRAM_NAME.test(name))
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
}

/** @param {string[]} parts a folder that holds one installation per folder @returns {string[]} their folders of programs */
function foldersBelow(...parts) {
  const folder = join(...parts)
  return listFolder(folder)
    .sort()
    .map((name) => join(folder, name, 'bin'))
}

function uvFolder() {
  const data = process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share')
  return process.env.UV_PYTHON_INSTALL_DIR ?? join(data, 'uv', 'python')
}

/** @param {string} folder */
function listFolder(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** @param {Python[]} pythons */
function withoutDoubles(pythons) {
  const seen = new Set()
  return pythons.filter(({ path, version }) => {
    const key = `${realpathSync(path)} ${version}`
    return !seen.has(key) && seen.add(key)
  })
}
