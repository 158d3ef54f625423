/**
 * Finds ruff in the version that ruff.toml asks for: on PATH, through `uvx`, or with pip into `.tools` of the checkout.
 * `npm run check` asks for it; by itself this runs it with the words that follow.
 *
 *   node scripts/ruff.mjs check --fix
 *   node scripts/ruff.mjs format
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkoutFolder, isMain } from './checkout.mjs'
import { findPythons } from './pythons/find-pythons.mjs'

const [, version = ''] =
  /required-version = "==(.*)"/.exec(readFileSync(join(checkoutFolder, 'ruff.toml'), 'utf8')) ?? []
const folder = join(checkoutFolder, '.tools', `ruff-${version}`)

/** @returns {{ command: [string, ...string[]] } | { problem: string }} */
export function findRuff() {
  /** @type {[string, ...string[]][]} */
  const commands = [['ruff'], [join(folder, 'bin', 'ruff')], ['uvx', `ruff@${version}`]]
  const command = commands.find(isRuff) ?? install()
  return command === undefined
    ? { problem: `there is no ruff ${version}, and neither uvx nor pip could get it` }
    : { command }
}

/** @returns {[string] | undefined} */
function install() {
  const pythons = ['python3', ...findPythons().map(({ path }) => path)]
  const words = ['-m', 'pip', 'install', '--quiet', '--target', folder, `ruff==${version}`]
  if (pythons.some((python) => spawnSync(python, words).status === 0)) return [join(folder, 'bin', 'ruff')]
  // A half of it would be taken for the whole.
  if (existsSync(folder)) rmSync(folder, { recursive: true })
  return undefined
}

/** @param {[string, ...string[]]} command */
function isRuff([command, ...words]) {
  const { status, stdout } = spawnSync(command, [...words, '--version'], { encoding: 'utf8' })
  return status === 0 && stdout.trim() === `ruff ${version}`
}

if (isMain(import.meta.url)) {
  const ruff = findRuff()
  if ('problem' in ruff) {
    console.error(ruff.problem)
    process.exitCode = 1
  } else {
    const [command, ...words] = [...ruff.command, ...process.argv.slice(2)]
    process.exitCode = spawnSync(command ?? '', words, { cwd: checkoutFolder, stdio: 'inherit' }).status ?? 1
  }
}
