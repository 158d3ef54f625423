// Starts a program that is to be looked at from its first moment on, and waits until it is a Python that can be.

import { type ChildProcess, spawn } from 'node:child_process'
import { RemoraError } from '../../errors/remora-error.js'
import { type NamedProcess, pinProcess } from '../../process/identity.js'
import { openProcess } from './open-process.js'

const LOOK_EVERY_MS = 2
/** What an executable is before its interpreter has begun. */
const NOT_YET = new Set(['NOT_PYTHON', 'RUNTIME_CORRUPT', 'MEMORY_UNREADABLE', 'TARGET_EXITED', 'PYTHON_UNSUPPORTED'])

export interface LaunchedProcess {
  readonly process: NamedProcess
  /** Resolves with its exit code, or the name of the signal that ended it. */
  readonly exit: Promise<number | string>
}

/**
 * Starts a command with our own input and output.
 * @throws RemoraError `COMMAND_NOT_STARTED` when it cannot be started, or ends before it is a Python.
 */
export async function launch([command = '', ...words]: readonly string[]): Promise<LaunchedProcess> {
  const child = spawn(command, words, { stdio: 'inherit' })
  const exit = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? '?'))
  })
  const started = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) => {
      reject(new RemoraError('COMMAND_NOT_STARTED', `cannot start ${command}: ${cause.message}`, { command, cause }))
    })
  })
  await started
  const process = pinProcess(child.pid as number)
  await untilPython(process, child, command)
  return { process, exit }
}

async function untilPython(process: NamedProcess, child: ChildProcess, command: string): Promise<void> {
  for (;;) {
    if (isPython(process)) return
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new RemoraError('COMMAND_NOT_STARTED', `${command} ended before it became a Python process`, { command })
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

function isPython(process: NamedProcess): boolean {
  try {
    openProcess(process, { access: 'read' }).memory.close()
    return true
  } catch (error) {
    if (!(error instanceof RemoraError)) throw error
    if (NOT_YET.has(error.code) || error.code === 'PROCESS_NOT_FOUND' || error.code === 'PROCESS_IS_ZOMBIE')
      return false
    throw error
  }
}
