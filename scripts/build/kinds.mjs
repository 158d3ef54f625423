/**
 * The declaration of the wire, src/inject/protocol.ts, for the agents: the same names in capitals, each with its bytes as
 * Python writes them. The build puts the bytes in the places of the names, so that an agent pays nothing for them, and
 * writes src/agents/wire/kinds.py, for the tools that look for what a file imports.
 */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
const kindsFile = path.join(root, 'src/agents/wire/kinds.py')

const HEADER = `"""The kinds of all messages by their names. Part of other agents; changes nothing.

Written by the build from src/inject/protocol.ts, which says what they mean.
"""
`

/** @typedef {Pick<typeof import('../../src/inject/protocol.js'), 'AGENTS' | 'MESSAGES' | 'PROTOCOL'>} Protocol */

/** @returns {Promise<Protocol>} */
export async function readProtocol() {
  const source = fs.readFileSync(path.join(root, 'src/inject/protocol.ts'), 'utf8')
  const { code } = transformSync(source, { loader: 'ts', format: 'esm' })
  return await import(`data:text/javascript,${encodeURIComponent(code)}`)
}

/** @param {Protocol} protocol @returns {Record<string, string>} */
export function toKinds({ MESSAGES, PROTOCOL }) {
  const kinds = Object.entries(MESSAGES).map(([name, { kind }]) => [toCapitals(name), toBytes(kind)])
  return { PROTOCOL: String(PROTOCOL), ...Object.fromEntries(kinds) }
}

/** The text of kinds.py. @param {Protocol} protocol @returns {string} */
export function toKindsFile(protocol) {
  const lines = Object.entries(toKinds(protocol)).map(([name, value]) => `${name} = ${value}\n`)
  return `${HEADER}\n${lines.join('')}`
}

/** @param {Protocol} protocol */
export function writeKindsFile(protocol) {
  const text = toKindsFile(protocol)
  if (!fs.existsSync(kindsFile) || fs.readFileSync(kindsFile, 'utf8') !== text) fs.writeFileSync(kindsFile, text)
}

/** `PDB_BEGUN` for `pdbBegun`. @param {string} name */
export function toCapitals(name) {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

/** @param {string} kind */
function toBytes(kind) {
  return kind.includes('"') ? `b'${kind}'` : `b"${kind}"`
}
