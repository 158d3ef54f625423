// Finds a CPython for the demonstration: one that a checkout's set-up has brought, or one on PATH. Attaching itself
// needs none; the target is the only Python that Remora ever uses.

import fs from 'node:fs'
import path from 'node:path'
import { supportedVersions } from '../cpython/versions/find-version.js'

/** Names under which a Python is looked for. */
export const pythonNames = supportedVersions.map((version) => `python${version}`)

export function findPython(): string | undefined {
  const own = path.join(import.meta.dirname, '../../../.pythons/bin')
  const places = [own, ...(process.env.PATH ?? '').split(path.delimiter)]
  const candidates = places.flatMap((place) => pythonNames.map((name) => path.join(place, name)))
  return candidates.find((candidate) => fs.existsSync(candidate))
}
