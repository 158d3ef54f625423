// What the interpreter's own tools say of a process: `python -m asyncio ps PID` and `python -m asyncio pstree PID`.

import { spawnSync } from 'node:child_process'
import type { Interpreter } from './interpreters.js'

/** One line of `ps`: a task, and one of the tasks that await it. */
export interface PsRow {
  readonly nativeThreadId: number
  readonly id: number
  readonly name: string
  /** Qualified names, innermost first. */
  readonly calls: readonly string[]
  /** 0 for none. */
  readonly awaitedBy: number
}

/** The rows that `ps` prints, from the function that makes them: as printed, columns run into each other. */
export function asyncioPs(interpreter: Interpreter, pid: number): PsRow[] {
  const code = `import asyncio.tools as t, json; print(json.dumps(t.build_task_table(t.get_all_awaited_by(${pid}))))`
  const { status, stdout, stderr } = run(interpreter, ['-c', code])
  if (status !== 0) throw new Error(`asyncio ps failed: ${stderr}`)
  return (JSON.parse(stdout) as [number, string, string, string, string, string, string][]).map(
    ([nativeThreadId, id, name, calls, , , awaitedBy]) => ({
      nativeThreadId,
      id: Number(id),
      name,
      calls: calls === '' ? [] : calls.split(' -> '),
      awaitedBy: Number(awaitedBy),
    }),
  )
}

/** What `pstree` prints; `stderr` where it finds a cycle. */
export function asyncioTree(interpreter: Interpreter, pid: number): { stdout: string; stderr: string } {
  const { stdout, stderr } = run(interpreter, ['-m', 'asyncio', 'pstree', String(pid)])
  return { stdout, stderr }
}

function run(
  { path }: Interpreter,
  words: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env.PATH, PYTHONIOENCODING: 'utf-8:surrogateescape' }
  return spawnSync(path, words, { encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024 })
}
