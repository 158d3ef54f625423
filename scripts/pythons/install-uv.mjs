/**
 * Installs interpreters with uv, where uv is already on this machine: uv knows macOS and every Linux, and keeps them for
 * all of the user's projects. It is not itself installed here.
 */
import { spawnSync } from 'node:child_process'
import { runCommand } from '../run-command.mjs'

/** @returns {boolean} */
export function isUvThere() {
  return spawnSync('uv', ['--version'], { stdio: 'ignore' }).status === 0
}

/**
 * @param {string[]} versions for example `['3.14', '3.15']`
 * @throws {Error} with the end of uv's output
 */
export async function installWithUv(versions) {
  console.error(`CPython ${versions.join(' and ')}: uv python install`)
  await runCommand('uv', ['python', 'install', ...versions])
}
