/**
 * Runs one program of the set-up and hands back what it printed. The steps call it for npm, uv and apt, whose chatter is
 * of interest only when they fail: then the last lines become the error's text. It starts no shell.
 */
import { spawn } from 'node:child_process'

const MAX_ERROR_LINES = 15

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string | undefined, env?: NodeJS.ProcessEnv, onStart?: (pid: number) => void }} [options]
 * @returns {Promise<string>} its standard output
 * @throws {Error} when it cannot be started or exits with anything but 0
 */
export function runCommand(command, args, { cwd, env, onStart } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let everything = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      everything += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      everything += text
    })
    child.on('spawn', () => onStart?.(Number(child.pid)))
    child.on('error', (cause) => reject(new Error(`${command} cannot be started: ${cause.message}`, { cause })))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout)
      else
        reject(new Error(toErrorText(`${command} ${args[0] ?? ''}`.trim(), signal ?? `exit code ${code}`, everything)))
    })
  })
}

/** @param {string} name @param {string} end @param {string} output */
function toErrorText(name, end, output) {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const last = lines.slice(-MAX_ERROR_LINES).map((line) => `  ${line}`)
  return [`${name} failed (${end})${last.length > 0 ? ':' : ''}`, ...last].join('\n')
}
