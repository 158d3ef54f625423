// What the interpreter's own tools say of a process: `python -m asyncio ps PID` and `python -m asyncio pstree PID`.

import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { Interpreter } from './interpreters.js'
import { programsFolder, startTarget, type TestTarget } from './target.js'
import { temporaryDirectory } from './temporary.js'

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

/**
 * Starts a program as `startTarget` does, by a way on which the name of every file is ASCII: the tools of 3.14 fail on a
 * process that has others, and this checkout may lie anywhere.
 */
export async function startForTools(
  interpreter: Interpreter,
  program: string,
  words: readonly string[],
): Promise<TestTarget> {
  const [folder, code] = [temporaryDirectory(), 'import sys; print(sys.base_prefix, end="")']
  const [home, programs] = [path.join(folder, 'home'), path.join(folder, 'programs')]
  fs.symlinkSync(execFileSync(interpreter.path, ['-I', '-c', code], { encoding: 'utf8' }), home)
  fs.symlinkSync(programsFolder, programs)
  // Where the program lies is made a path without links by the interpreter: it is named here, and is not looked for there.
  const env = { PYTHONHOME: home, PYTHONPATH: programs, PYTHONSAFEPATH: '1' }
  return startTarget(interpreter, program, { arguments: words, env, folder: programs })
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
  { path: python }: Interpreter,
  words: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env.PATH, PYTHONIOENCODING: 'utf-8:surrogateescape' }
  return spawnSync(python, words, { encoding: 'utf8', env, maxBuffer: 64 * 1024 * 1024 })
}
