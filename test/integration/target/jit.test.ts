// Programs that the interpreter's JIT has compiled. The other tests run in interpreters that interpret, as all do unless
// PYTHON_JIT says otherwise.

import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { CodeCache } from '../../../src/cpython/code/code.js'
import { readMainInterpreter, readThreads, type ThreadState } from '../../../src/cpython/runtime/interpreter.js'
import { attach } from '../../../src/session/attach.js'
import { readStack } from '../../../src/unwind/read-stack.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { isPossibleInMaze } from '../../harness/maze.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

const SAMPLES = 2000
const SESSIONS = 3

const compiling = interpreters.filter(hasJit)
for (const { name } of interpreters.filter((one) => !compiling.includes(one))) {
  test(name, ({ skip }) => skip(`SKIPPED: ${name} was built without a JIT`))
}

describe.each(compiling)('$name', (interpreter) => {
  test(`${SAMPLES} stacks of a program that never stands still: none that it cannot have`, async () => {
    const program = await startCompiled(interpreter, 'maze.py')
    const calls = (await program.says('calls')) as Record<string, string>
    await using target = await attach(program.pid)
    const { runtime } = target
    const [thread] = readThreads(runtime, readMainInterpreter(runtime)) as [ThreadState]
    const codes = new CodeCache(runtime)
    const seen = new Set<string>()
    for (let sample = 0; sample < SAMPLES || seen.size < 10; sample++) {
      const { frames, consistent } = readStack(runtime, thread, codes)
      if (!consistent) continue
      seen.add(frames.map(({ function: name, line }) => `${name}:${line}`).join(' '))
      if (!isPossibleInMaze(frames, calls)) expect.fail(JSON.stringify(frames))
    }
    await expectUndisturbed(program)
  })

  test('a script runs in a loop without end, and can be interrupted in one of its own', async () => {
    const program = await startCompiled(interpreter, 'busy.py')
    await using target = await attach(program.pid)
    const script = 'try:\n  while True: pass\nexcept KeyboardInterrupt:\n  print("interrupted")'
    const { outcome, stdout } = await target.exec(script, { runTimeoutMs: 300 })
    expect([outcome, stdout]).toEqual(['completed', 'interrupted\n'])
    await expectUndisturbed(program)
  })
})

// Debug builds make two thousand functions too slowly.
describe.each(compiling.filter(({ debug }) => !debug))('$name', (interpreter) => {
  test('probes come and go, and the program goes on', async () => {
    const program = await startCompiled(interpreter, 'traced_crowd.py')
    await using target = await attach(program.pid)
    for (let session = 0; session < SESSIONS; session++) {
      const events = target.trace(['hot(args)'])
      for await (const { event } of events) if (event === 'hit') break
    }
    program.type('')
    expect(await program.says('watched')).toBe(0)
    await expectUndisturbed(program, ['_ast', '_operator', '_signal'])
  })
})

function hasJit({ path }: Interpreter): boolean {
  return spawnSync(path, ['-c', 'import sys; sys.exit(not sys._jit.is_available())']).status === 0
}

function startCompiled(interpreter: Interpreter, program: string): Promise<TestTarget> {
  return startTarget(interpreter, program, { env: { PYTHON_JIT: '1' } })
}

async function expectUndisturbed(program: TestTarget, imported: readonly string[] = []): Promise<void> {
  const { fingerprint, exit } = await program.finish()
  expect([exit, program.stderr]).toEqual([0, ''])
  expectUnchanged(program.before, fingerprint, imported)
}
