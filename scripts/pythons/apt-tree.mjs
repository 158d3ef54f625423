/**
 * A private apt: its own lists, cache and (empty) record of installed packages in a folder of ours, so that any user can
 * resolve and download packages of another Debian release without root and without a trace in the system. It uses the
 * mirrors, proxies and keys that this machine's own apt is set up with, and signatures are checked as always. It never
 * installs or configures a package.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../run-command.mjs'

const FALLBACK_KEYRINGS = ['pgp', 'gpg'].map((ending) => `/usr/share/keyrings/debian-archive-keyring.${ending}`)

/**
 * @typedef {{ folder: string, config: string, names: string[] }} AptTree with the wanted packages that it knows
 * @typedef {{ name: string, size: number }} Package
 */

/**
 * Sets up apt in `folder` for one suite, from the first of this machine's mirrors that has any of the wanted packages.
 *
 * @param {string} folder
 * @param {{ suite: string, wanted: string[] }} options a suite such as `forky`, and package names
 * @returns {Promise<AptTree>}
 * @throws {Error} when there is no such mirror
 */
export async function openAptTree(folder, { suite, wanted }) {
  for (const part of ['lists/partial', 'cache/archives/partial', 'debs'])
    mkdirSync(join(folder, part), { recursive: true })
  writeFileSync(join(folder, 'status'), '')
  const config = join(folder, 'apt.conf')
  writeFileSync(config, configText(folder))
  const architecture = (await runCommand('dpkg', ['--print-architecture'])).trim()
  const reasons = []
  for (const mirror of await findMirrors(folder)) {
    const keyrings = await findKeyrings(mirror)
    const signedBy = keyrings.length > 0 ? ` signed-by=${keyrings.join(',')}` : ''
    const options = `arch=${architecture} target=Packages${signedBy}`
    writeFileSync(join(folder, 'sources.list'), `deb [${options}] ${mirror} ${suite} main\n`)
    try {
      await runApt(config, 'apt-get', ['update'])
      const known = new Set((await runApt(config, 'apt-cache', ['pkgnames'])).split('\n'))
      const names = wanted.filter((name) => known.has(name))
      if (names.length > 0) return { folder, config, names }
      reasons.push(`${mirror}: has none of ${wanted.join(', ')}`)
    } catch (error) {
      reasons.push(`${mirror}: ${/** @type {Error} */ (error).message}`)
    }
  }
  throw new Error(
    [`none of this machine's apt mirrors has the packages of Debian ${suite}, signed`, ...reasons].join('\n'),
  )
}

/**
 * @param {AptTree} tree
 * @returns {Promise<Package[]>} its packages and all they depend on, down to the C library
 */
export async function resolvePackages({ config, names }) {
  const output = await runApt(config, 'apt-get', [
    'install',
    '--yes',
    '--print-uris',
    '--no-install-recommends',
    ...names,
  ])
  return [...output.matchAll(/^'\S+' ([^\s_]+)_\S+\.deb (\d+)/gm)].map(([, name = '', size]) => ({
    name,
    size: Number(size),
  }))
}

/**
 * @param {AptTree} tree @param {Package[]} packages
 * @returns {Promise<string[]>} the downloaded and verified .deb files
 */
export async function downloadPackages(tree, packages) {
  const folder = join(tree.folder, 'debs')
  await runApt(tree.config, 'apt-get', ['download', ...packages.map(({ name }) => name)], folder)
  const debs = readdirSync(folder).map((name) => join(folder, name))
  // In a folder of more than 300 characters apt downloads nothing and calls that a success.
  if (debs.length !== packages.length) {
    throw new Error(
      `apt downloaded ${debs.length} of ${packages.length} packages into ${folder}; move the checkout to a shorter path`,
    )
  }
  return debs
}

/**
 * `update --print-uris` names the mirrors even where `apt-get update` was never run.
 *
 * @param {string} folder
 * @returns {Promise<string[]>}
 */
export async function findMirrors(folder) {
  const args = ['-o', `Dir::State::lists=${join(folder, 'lists')}`, 'update', '--print-uris']
  const output = await runCommand('apt-get', args, { env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  const found = [...output.matchAll(/^'([^']+)\/dists\/([^/']+)\/main\/binary-/gm)]
    .filter(
      ([, mirror = '', suite]) =>
        !mirror.startsWith('cdrom:') && !/security|updates|backports/.test(`${mirror} ${suite}`),
    )
    .map(([, mirror = '']) => mirror)
  return [...new Set(found)]
}

/**
 * The keys that the machine trusts this mirror with: `Signed-By` of its entry, or Debian's own keyring. None means apt's
 * default, all of trusted.gpg.d.
 *
 * @param {string} mirror
 */
async function findKeyrings(mirror) {
  const entries = (await readSources()).filter((entry) => entry.includes(mirror))
  const signedBy = /^[^#\n]*signed-by\s*[:=]\s*(\/[^\s\]]+)/gim
  const named = entries.flatMap((entry) => [...entry.matchAll(signedBy)].map(([, path = '']) => path))
  if (named.length > 0) return [...new Set(named)]
  return FALLBACK_KEYRINGS.filter((path) => existsSync(path)).slice(0, 1)
}

/** @returns {Promise<string[]>} the entries of sources.list and sources.list.d: a line or a paragraph each */
async function readSources() {
  const places = await runCommand('apt-config', [
    'shell',
    'LIST',
    'Dir::Etc::sourcelist/f',
    'PARTS',
    'Dir::Etc::sourceparts/d',
  ])
  const [, list = ''] = /^LIST='(.+)'$/m.exec(places) ?? []
  const [, folder = ''] = /^PARTS='(.+)'$/m.exec(places) ?? []
  const parts = statSync(folder, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(folder).map((name) => join(folder, name))
    : []
  return [list, ...parts].flatMap((path) => {
    try {
      return readFileSync(path, 'utf8').split(path.endsWith('.sources') ? /\n\s*\n/ : '\n')
    } catch {
      return []
    }
  })
}

/**
 * Read after all of the machine's own configuration, of which proxies and credentials stay; hooks of its `update` go,
 * they are meant for the system's lists.
 *
 * @param {string} folder
 */
function configText(folder) {
  return `
Dir::State "${folder}";
Dir::State::lists "${folder}/lists";
Dir::State::status "${folder}/status";
Dir::State::extended_states "${folder}/extended_states";
Dir::Cache "${folder}/cache";
Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`
}

/** @param {string} config @param {string} program @param {string[]} args @param {string} [cwd] */
function runApt(config, program, args, cwd) {
  return runCommand(program, [...args, '-c', config], { cwd, env: { ...process.env, LC_ALL: 'C.UTF-8' } })
}
