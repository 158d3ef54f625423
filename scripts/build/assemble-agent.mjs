/**
 * Makes one text of an agent: its entry file, behind all files of ours that it imports, each once and behind what it
 * imports itself. The imports of ours go: nothing is imported from us in a target, whose `sys.modules` stays as it was.
 * So all files of an agent share one namespace, in which one import of a module of the standard library is enough, and
 * what could not be told apart is an error here.
 *
 * Understood are imports at the start of a line, `from .run import Run` or with names in parentheses, under their own
 * names. Of `from ..wire import kinds` there are the values: `kinds.HELLO` is the byte itself in the text.
 */
import fs from 'node:fs'
import path from 'node:path'

const IMPORT = /^from (\.+)([\w.]*) import (?:\(([^)]*)\)|([^\n(]*))\n/gm
const KIND = /\bkinds\.(\w+)/g
const STANDARD_IMPORT = /^import \w+\n/gm
const DEFINITION = /^(?:(?:async )?(?:def|class) (\w+)|(\w+(?:, \w+)*)(?:: [^=\n]+)? = )/gm

/**
 * @typedef {object} Part
 * @property {string} text without the imports of ours
 * @property {{ file: string, names: string[] }[]} imports
 * @property {Set<string>} names that it defines
 */

/**
 * @param {string} entry a file of Python
 * @param {Readonly<Record<string, string>>} kinds what stands for the names of `kinds`
 * @returns {string}
 * @throws {Error} for an import that cannot be resolved, files that need each other, names that two files define, and a
 *   kind that is not declared
 */
export function assembleAgent(entry, kinds) {
  const parts = partsOf(entry)
  checkNames(parts)
  /** @type {Set<string>} */
  const seen = new Set()
  const onlyOnce = (/** @type {string} */ line) => (seen.size < seen.add(line).size ? line : '')
  const text = [...parts.values()].map((part) => part.text.replaceAll(STANDARD_IMPORT, onlyOnce)).join('\n\n')
  return text.replaceAll(KIND, (name, key) => kinds[key] ?? fail(`${entry} uses ${name}, which no message is called`))
}

/**
 * The files of an agent by their paths, each behind those that it imports.
 * @param {string} entry
 */
export function partsOf(entry) {
  /** @type {Map<string, Part>} */
  const parts = new Map()
  addPart(path.resolve(entry), parts, [])
  return parts
}

/** @param {string} file @param {Map<string, Part>} parts @param {string[]} within the files whose imports led here */
function addPart(file, parts, within) {
  if (parts.has(file)) return
  if (within.includes(file)) throw new Error(`files of an agent need each other: ${[...within, file].join(' -> ')}`)
  const part = readPart(file)
  for (const { file: imported } of part.imports) addPart(imported, parts, [...within, file])
  parts.set(file, part)
}

/** @param {string} file @returns {Part} */
function readPart(file) {
  const source = fs.readFileSync(file, 'utf8')
  const imports = [...source.matchAll(IMPORT)].flatMap(([, dots = '', module = '', several, one]) => {
    const folder = path.join(path.dirname(file), ...Array(dots.length - 1).fill('..'))
    const names = (several ?? one ?? '').split(',').map((name) => name.trim())
    const imported = `${path.join(folder, ...module.split('.'))}.py`
    return one === 'kinds' ? [] : [{ file: imported, names: names.filter((name) => name !== '') }]
  })
  const text = source.replaceAll(IMPORT, '')
  const left = /^\s*(?:from \..*|import .* as .*)$/m.exec(text)
  if (left) throw new Error(`${file}: the build does not understand: ${left[0].trim()}`)
  const defined = [...text.matchAll(DEFINITION)].flatMap(([, name, names]) => (name ?? names ?? '').split(', '))
  return { text, imports, names: new Set(defined) }
}

/** @param {Map<string, Part>} parts */
function checkNames(parts) {
  /** @type {Map<string, string>} */
  const owners = new Map()
  for (const [file, { names, imports }] of parts) {
    for (const name of names) {
      const other = owners.get(name)
      if (other !== undefined) throw new Error(`${name} is defined by both ${other} and ${file}`)
      owners.set(name, file)
    }
    for (const { file: imported, names: wanted } of imports) {
      const missing = wanted.find((name) => !parts.get(imported)?.names.has(name))
      if (missing !== undefined) throw new Error(`${file} imports ${missing}, which ${imported} does not define`)
    }
  }
}

/** @param {string} message @returns {never} */
function fail(message) {
  throw new Error(message)
}
