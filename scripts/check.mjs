// `npm run check`: format and lint, types, and the package as a stranger gets it. Each step that fails names the
// command that mends it or shows more; one that cannot be done here says so. Tests are `npm test`.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { findRuff } from './ruff.mjs'
import { setup } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (/** @type {string} */ name) => path.join(root, 'node_modules', '.bin', name)

/** Runs in a browser, and has types of its own. */
const PAGE = 'src/profile/formats/page'
/** JavaScript: scripts, benchmarks and configuration, with their types in comments. */
const SCRIPTS = 'scripts'

await setup({ pythons: false })
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'remora-pack-'))
try {
  step('format and lint', bin('biome'), ['check', '--error-on-warnings', '.'], 'npx biome check --write .')
  checkAgents()
  step(
    'layers',
    bin('depcruise'),
    ['--config', '.dependency-cruiser.mjs', 'src'],
    'npx depcruise --config .dependency-cruiser.mjs src',
  )
  step('types', bin('tsc'), ['--noEmit'], 'npx tsc --noEmit')
  step('types of the scripts', bin('tsc'), ['-p', SCRIPTS], `npx tsc -p ${SCRIPTS}`)
  step('types of the page', bin('tsc'), ['--noEmit', '-p', PAGE], `npx tsc --noEmit -p ${PAGE}`)
  step('pack', 'npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory], 'npm pack --dry-run')
  const tarball = path.join(directory, fs.readdirSync(directory)[0] ?? '')
  step('package', bin('publint'), ['--strict', tarball], 'npx publint')
  step('types of the package', bin('attw'), [tarball, '--profile', 'esm-only'], 'npx attw --pack . --profile esm-only')
} finally {
  fs.rmSync(directory, { recursive: true })
}

function checkAgents() {
  const ruff = findRuff()
  if ('problem' in ruff) {
    console.log(`SKIP format and lint of the agents: ${ruff.problem}`)
    return
  }
  const [command, ...words] = ruff.command
  step('lint of the agents', command, [...words, 'check'], 'node scripts/ruff.mjs check --fix')
  step('format of the agents', command, [...words, 'format', '--check'], 'node scripts/ruff.mjs format')
}

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} words
 * @param {string} remedy
 */
function step(name, command, words, remedy) {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd: root, encoding: 'utf8' })
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name}`)
  if (status === 0) return
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  console.log(`\nMend it or look closer with: ${remedy}`)
  process.exit(1)
}
