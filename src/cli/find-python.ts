// Finds a CPython for the demonstration: one that a checkout's set-up has brought, or one on PATH. Attaching itself
// needs none; the target is the only Python that Remora ever uses.

import fs from 'node:fs'
import path from 'node:path'

const NAMES = ['python3.14', 'python3.15']

export function findPython(): string | undefined {
  const own = path.join(import.meta.dirname, '../../../.pythons/bin')
  const places = [own, ...(process.env.PATH ?? '').split(path.delimiter)]
  const candidates = places.flatMap((place) => NAMES.map((name) => path.join(place, name)))
  return candidates.find((candidate) => fs.existsSync(candidate))
}
