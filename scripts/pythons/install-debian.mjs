/**
 * Installs CPython, release and debug builds, from Debian's packages into `.pythons` of this checkout: for any user,
 * beside whatever release the machine runs, and without touching the system. The packages come with the C library and
 * all others that they were built for; each interpreter is pointed at those, so they start by name like any program and
 * `/proc/PID/exe` shows the interpreter itself. The caller holds the set-up's lock.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pythonsFolder } from '../checkout.mjs'
import { downloadPackages, openAptTree, resolvePackages } from './apt-tree.mjs'
import { removeStamp, wasInstalledElsewhere, writeStamp } from './debian-stamp.mjs'
import { runPython } from './python-info.mjs'
import { readElfLoader, setElfLoader } from './set-elf-loader.mjs'
import { unpackDebs } from './unpack-debs.mjs'

const SUITE = 'forky'
const PROGRAM_NAME = /^python3\.\d+d?$/
const treeFolder = join(pythonsFolder, 'debian')
const binFolder = join(pythonsFolder, 'bin')

// Dependencies by name only: Tk and what draws for it, and data that Python runs without.
const UNNEEDED_PACKAGES = [
  /^(?:fonts-|fontconfig|libfontconfig|libfreetype|libpng|libbrotli|libtk|libtcl|x11-common)/,
  /^libx(?:11|au|cb|dmcp|ext|ft|render|ss)/,
  /^(?:tzdata|debconf|lsb-base|sysvinit-utils|netbase|media-types|readline-common|libc-gconv-|gcc-\d+-base)/,
]

const USED_MODULES = 'ssl, sqlite3, ctypes, readline, lzma, zlib, bz2, asyncio, hashlib, uuid, _remote_debugging'

/** @returns {boolean} */
export function canInstallDebian() {
  if (process.platform !== 'linux') return false
  return ['apt-get', 'dpkg-deb'].every((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0)
}

/**
 * Installs the interpreters, or mends an install that came here with a moved checkout.
 *
 * @param {string[]} versions for example `['3.14', '3.15']`
 * @throws {Error} when the machine's mirrors do not have them
 */
export async function installDebian(versions) {
  mkdirSync(pythonsFolder, { recursive: true })
  removeLeftovers()
  if (wasInstalledElsewhere()) {
    try {
      console.error('CPython: this checkout was moved, pointing its interpreters here')
      finishInstall()
      return
    } catch (error) {
      console.error(`note: ${/** @type {Error} */ (error).message}; installing anew`)
    }
  }
  const workFolder = join(pythonsFolder, `install-${process.pid}`)
  try {
    await fetchTree(workFolder, versions)
    removeStamp()
    for (const old of [binFolder, treeFolder]) rmSync(old, { recursive: true, force: true })
    renameSync(join(workFolder, 'debian'), treeFolder)
  } finally {
    removeLeftovers()
  }
  finishInstall()
}

/** Our own and those of killed set-ups. A child that outlived its set-up may still write there; it is seen to next time. */
function removeLeftovers() {
  for (const name of readdirSync(pythonsFolder).filter((name) => name.startsWith('install-'))) {
    try {
      rmSync(join(pythonsFolder, name), { recursive: true, force: true, maxRetries: 2 })
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOTEMPTY') throw error
    }
  }
}

/** @param {string} workFolder @param {string[]} versions */
async function fetchTree(workFolder, versions) {
  const label = `CPython ${versions.join(' and ')}`
  console.error(`${label}: asking this machine's apt mirrors for Debian ${SUITE}`)
  const wanted = versions.flatMap((version) => [`python${version}`, `python${version}-dbg`])
  const apt = await openAptTree(join(workFolder, 'apt'), { suite: SUITE, wanted })
  const packages = (await resolvePackages(apt)).filter(
    ({ name }) => !UNNEEDED_PACKAGES.some((unneeded) => unneeded.test(name)),
  )
  const megabytes = Math.round(packages.reduce((sum, { size }) => sum + size, 0) / 1e6)
  console.error(`${label}: downloading ${packages.length} packages of Debian ${SUITE}, ${megabytes} MB`)
  const debs = await downloadPackages(apt, packages)
  console.error(`${label}: unpacking`)
  await unpackDebs(debs, join(workFolder, 'debian'))
}

/** Everything that depends on where the tree is. The stamp comes last: without it the install counts as not done. */
function finishInstall() {
  const folder = join(treeFolder, 'usr', 'bin')
  const names = readdirSync(folder).filter((name) => PROGRAM_NAME.test(name) && makeStart(join(folder, name)))
  if (names.length === 0) throw new Error('none of the unpacked interpreters starts')
  mkdirSync(binFolder, { recursive: true })
  for (const name of names) {
    const link = join(binFolder, name)
    rmSync(link, { force: true })
    symlinkSync(relative(binFolder, join(folder, name)), link)
  }
  writeStamp(names)
  console.error(`CPython: ${names.join(', ')} in ${relative(process.cwd(), binFolder) || '.'}`)
}

/** @param {string} program @returns {boolean} false, and a note, when it does not start; the others are still of use */
function makeStart(program) {
  try {
    const loader = findLoader(program)
    setElfLoader(program, { loader, rpath: `$ORIGIN/${relative(dirname(program), dirname(realpathSync(loader)))}` })
    runPython(program, `import ${USED_MODULES}`)
    return true
  } catch (error) {
    console.error(`note: ${program} is left out: ${/** @type {Error} */ (error).message}`)
    return false
  }
}

/**
 * Of a fresh program `/lib64/NAME` means `usr/lib64/NAME` of the tree; of a moved one the part below `usr` still holds.
 *
 * @param {string} program
 */
function findLoader(program) {
  const [, below] = /(\/lib\d*\/[^/]+)$/.exec(readElfLoader(program)) ?? []
  const loader = join(treeFolder, 'usr', below ?? '')
  if (below === undefined || !existsSync(loader))
    throw new Error(`${program} wants a dynamic loader that its packages do not have`)
  return loader
}
