// Programs of one statement: they sit in it when they are there.

import { spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import type { Interpreter } from './interpreters.js'
import { TestTarget } from './target.js'

const PREPARATION = [
  'import functools, itertools, os, select, selectors, signal, socket, subprocess, threading, time',
  'pair = socket.socketpair(); lock = threading.Lock(); lock.acquire()',
  'poll = select.poll(); poll.register(0, select.POLLIN)',
]

/** The line of the statement in its file, which is `<string>`. */
export const STATEMENT_LINE = PREPARATION.length + 1

/** Starts a program and returns its PID as soon as its main thread sits in `syscall`. */
export async function startStatement(interpreter: Interpreter, code: string, syscall: string): Promise<number> {
  const program = spawnStatement(interpreter, code)
  await program.untilBlockedIn(syscall)
  return program.pid
}

/** As `startStatement`, without waiting. */
export function spawnStatement(interpreter: Interpreter, code: string): TestTarget {
  const program = [...PREPARATION, code].join('\n')
  const child = spawn(interpreter.path, ['-c', program], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  // With the children that it may have started itself.
  onTestFinished(() => void process.kill(-(child.pid as number), 'SIGKILL'))
  return new TestTarget(child)
}
