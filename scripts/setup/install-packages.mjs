/**
 * Brings `node_modules` to what package-lock.json says, by `npm ci`. A stamp inside `node_modules` tells the lock file
 * and the Node version it was made for, so that a set-up with nothing to do never starts npm. It does not look inside
 * the packages: who edited them by hand removes `node_modules`.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkoutFolder, setupLock } from '../checkout.mjs'
import { runCommand } from '../run-command.mjs'
import { withLock } from './lock.mjs'

const lockFile = join(checkoutFolder, 'package-lock.json')
const stampFile = join(checkoutFolder, 'node_modules', '.remora-setup')

/** @throws {Error} when npm fails; the text ends in the command to type */
export async function installPackages() {
  const stamp = wantedStamp()
  if (isStamped(stamp)) return
  await withLock(setupLock, async (lock) => {
    if (isStamped(stamp)) return
    console.error('node_modules: npm ci')
    rmSync(stampFile, { force: true })
    await npmCi(lock.addHolder)
    writeFileSync(stampFile, stamp)
  })
}

function wantedStamp() {
  if (!existsSync(lockFile)) throw new Error('package-lock.json is missing; type: git checkout package-lock.json')
  const [nodeMajor] = process.versions.node.split('.')
  return `${createHash('sha256').update(readFileSync(lockFile)).digest('hex')} node ${nodeMajor}\n`
}

/** @param {string} stamp */
function isStamped(stamp) {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
}

/** @param {(pid: number) => void} onStart */
async function npmCi(onStart) {
  const args = ['ci', '--no-audit', '--no-fund', '--include=dev']
  const npmScript = process.env.npm_execpath
  const [command, ...first] = npmScript?.endsWith('npm-cli.js') ? [process.execPath, npmScript] : ['npm']
  try {
    await runCommand(command, [...first, ...args], { cwd: checkoutFolder, onStart })
  } catch (error) {
    throw new Error(`${/** @type {Error} */ (error).message}\nTo see all of it, type: npm ci`, { cause: error })
  }
}
