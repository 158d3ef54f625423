/**
 * Builds `dist` from `src` by scripts/build.mjs, unless what is there was built from the very same files. The stamp in
 * `dist` is a hash over the names and contents of all that a build reads: everything below `src`, the build script and
 * its parts, package.json, package-lock.json and the TypeScript settings. Times of files are not looked at, so a fresh
 * checkout of the same commit and a `git checkout` there and back cost no build.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkoutFolder, setupLock } from '../checkout.mjs'
import { runCommand } from '../run-command.mjs'
import { withLock } from './lock.mjs'

const stampFile = join(checkoutFolder, 'dist', '.stamp')
const buildScript = 'scripts/build.mjs'
const foldersRead = ['src', 'scripts/build']
const filesRead = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', buildScript]

/**
 * @param {{ compiledAgents?: boolean }} [options] whether a build that was made where no interpreter was is done again
 * @throws {Error} when the build fails; the text ends in the command to type
 */
export async function buildDist({ compiledAgents = false } = {}) {
  const isBuilt = (/** @type {string} */ hash) => isStamped(hash) && (!compiledAgents || hasCompiledAgents())
  if (isBuilt(readSourceHash())) return
  await withLock(setupLock, async (lock) => {
    const hash = readSourceHash()
    if (isBuilt(hash)) return
    console.error(`dist: node ${buildScript}`)
    rmSync(stampFile, { force: true })
    await build(lock.addHolder)
    writeFileSync(stampFile, hash)
  })
}

/** @returns {string} sha256 over all that a build reads, in hexadecimal */
function readSourceHash() {
  const hash = createHash('sha256')
  for (const path of [...foldersRead.flatMap(filesBelow), ...filesRead].sort()) {
    const content = readInput(path, () => readFileSync(join(checkoutFolder, path)))
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** @param {string} folder relative to the checkout @returns {string[]} relative to the checkout too, in "/" form */
function filesBelow(folder) {
  return readInput(folder, () => readdirSync(join(checkoutFolder, folder), { withFileTypes: true })).flatMap(
    (entry) => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? filesBelow(path) : [path]
    },
  )
}

/**
 * @template T
 * @param {string} path @param {() => T} read
 */
function readInput(path, read) {
  try {
    return read()
  } catch (cause) {
    throw new Error(`${path} cannot be read, the build needs it; type: git checkout ${path}`, { cause })
  }
}

/** @param {string} hash */
function isStamped(hash) {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash
}

function hasCompiledAgents() {
  return readdirSync(join(checkoutFolder, 'dist', 'agents')).some((name) => /^exec\.\d+$/.test(name))
}

/** @param {(pid: number) => void} onStart */
async function build(onStart) {
  try {
    await runCommand(process.execPath, [buildScript], { cwd: checkoutFolder, onStart })
  } catch (error) {
    throw new Error(`${/** @type {Error} */ (error).message}\nTo see all of it, type: node ${buildScript}`, {
      cause: error,
    })
  }
}
