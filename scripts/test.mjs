// `npm test`, after the set-up: prints the matrix of interpreters, makes sure that nothing of it is missing, and runs
// every test on all of them.

import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { wantedVersions } from './pythons/wanted-versions.mjs'
import { findPythons } from './pythons.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

const found = findPythons()
console.log('Interpreters under test:')
for (const { name, version, debug, freeThreaded, path: file } of found) {
  const kind = [debug ? 'debug' : '', freeThreaded ? 'free-threaded: reading only' : ''].filter(Boolean).join(', ')
  console.log(`  ${name.padEnd(12)} ${version.padEnd(8)} ${kind.padEnd(8)} ${path.relative(root, file)}`)
}
if (!found.some(({ freeThreaded }) => freeThreaded)) {
  console.log('  No free-threaded CPython is here: its tests are SKIPPED. Name one in REMORA_PYTHONS.')
}
const missing = wantedVersions.filter((wanted) => !found.some(({ version }) => version.startsWith(`${wanted}.`)))
if (missing.length > 0) {
  console.error(`There is no CPython ${missing.join(' and no ')} here; bring it with: npm run setup`)
  process.exit(1)
}

const vitest = path.join(root, 'node_modules', '.bin', 'vitest')
const { status } = spawnSync(vitest, ['run', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
