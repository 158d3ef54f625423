/**
 * All set-up of a checkout in one command: Node packages, CPython 3.14 and 3.15 to test against, and the build. Every
 * step looks first whether it has anything to do, so running it before each test run or demo costs a few milliseconds.
 * `npm run setup` starts it, other scripts import `setup`. It changes nothing outside the checkout, except that
 * `uv python install` keeps its interpreters where uv always does.
 *
 *   node scripts/setup.mjs [--no-pythons]
 */
import { isMain } from './checkout.mjs'
import { ensurePythons } from './pythons.mjs'
import { buildDist } from './setup/build-dist.mjs'
import { installPackages } from './setup/install-packages.mjs'

const OLDEST_NODE = { major: 20, minor: 19 }

/**
 * @param {{ pythons?: boolean }} [options] `pythons: false` leaves the interpreters alone
 * @throws {Error} with one message that ends in a command to type
 */
export async function setup({ pythons = true } = {}) {
  checkNode()
  // npm runs a package's own scripts from within `npm ci`; one of them may well be this set-up.
  if (process.env.REMORA_SETUP_RUNS) return
  process.env.REMORA_SETUP_RUNS = '1'
  try {
    await installPackages()
    if (pythons) await ensurePythons()
    await buildDist({ compiledAgents: pythons })
  } finally {
    delete process.env.REMORA_SETUP_RUNS
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE.major || (major === OLDEST_NODE.major && minor >= OLDEST_NODE.minor)) return
  throw new Error(
    `this is Node.js ${process.versions.node}; Remora needs ${OLDEST_NODE.major}.${OLDEST_NODE.minor} or newer. ` +
      'Put a newer one on PATH, for example by: nvm install 22',
  )
}

if (isMain(import.meta.url)) {
  setup({ pythons: !process.argv.includes('--no-pythons') }).catch((error) => {
    console.error(`set-up failed: ${error.message}`)
    process.exitCode = 1
  })
}
