// `remora stack` on live processes: true stacks of a program that never stands still, what threads wait for, and a
// target that is not touched.

import { describe, expect, test } from 'vitest'
import { CodeCache } from '../../../src/cpython/code/code.js'
import { readMainInterpreter, readThreads, type ThreadState } from '../../../src/cpython/runtime/interpreter.js'
import { attach } from '../../../src/session/attach.js'
import { readStack } from '../../../src/unwind/read-stack.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { isPossibleInMaze } from '../../harness/maze.js'
import { remora } from '../../harness/remora.js'
import { STATEMENT_LINE, startStatement } from '../../harness/statement.js'
import { programPath, startTarget } from '../../harness/target.js'
import { expectToldLocals } from '../../harness/told-locals.js'

const SAMPLES = 10_000

describe.each(interpreters)('$name', (interpreter) => {
  test(`${SAMPLES} stacks of a program that never stands still: none that it cannot have`, {
    timeout: 120_000,
  }, async () => {
    const program = await startTarget(interpreter, 'maze.py')
    const calls = (await program.says('calls')) as Record<string, string>
    await using target = await attach(program.pid)
    const { runtime } = target
    const [thread] = readThreads(runtime, readMainInterpreter(runtime)) as [ThreadState]
    const codes = new CodeCache(runtime)
    const counts = { true: 0, false: 0, marked: 0, depths: new Set<number>() }
    while (readStack(runtime, thread, codes).frames[0]?.file !== 'maze');
    for (let sample = 0; sample < SAMPLES; sample++) {
      const { frames, consistent } = readStack(runtime, thread, codes)
      if (!consistent) counts.marked++
      else if (isPossibleInMaze(frames, calls)) counts.true++
      else counts.false++
      if (consistent) counts.depths.add(frames.length)
    }
    console.log(`${interpreter.name}: ${counts.true} true, ${counts.false} false, ${counts.marked} marked as moved`)
    expect(counts.false).toBe(0)
    expect(counts.true).toBeGreaterThan(SAMPLES / 10)
    expect(counts.depths.size).toBeGreaterThan(3)
    const { fingerprint, exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    expectUnchanged(program.before, fingerprint)
  })

  test.each([
    [
      'time.sleep(1000)',
      { syscall: 'clock_nanosleep', detail: expect.stringMatching(/^the end of a sleep, in (9\d\d|1000)\.\d s$/) },
    ],
    ['input()', { syscall: 'read', detail: 'Unix socket' }],
    [
      'socket.create_server(("127.0.0.1", 0)).accept()',
      { syscall: 'accept4', detail: expect.stringMatching(/^socket listening on 127\.0\.0\.1:\d+$/) },
    ],
    ['pair[0].recv(1)', { syscall: 'recvfrom', detail: 'Unix socket' }],
    ['lock.acquire()', { syscall: 'futex', detail: 'a lock' }],
    [
      'subprocess.Popen(["sleep", "1000"]).wait()',
      { syscall: 'wait4', detail: expect.stringMatching(/^child process \d+$/) },
    ],
    ['select.select([0], [], [])', { syscall: 'pselect6', detail: 'Unix socket' }],
    ['select.select([0], [], [pair[0]])', { syscall: 'pselect6', detail: 'Unix socket, Unix socket' }],
    ['signal.pause()', { syscall: 'pause', detail: 'a signal' }],
    ['poll.poll()', { syscall: interpreter.version.startsWith('3.14') ? 'poll' : 'ppoll', detail: 'Unix socket' }],
  ])('says what %s waits for', async (code, waitingOn) => {
    const pid = await startStatement(interpreter, code, waitingOn.syscall)
    await using target = await attach(pid)
    const { threads, consistent } = target.stack()
    expect(consistent).toBe(true)
    expect(threads).toMatchObject([{ name: 'MainThread', main: true, holdsGil: false, state: 'blocked', waitingOn }])
    expect(threads[0]?.frames.at(-1)).toMatchObject({ function: '<module>', file: '<string>', line: STATEMENT_LINE })
  })

  test('threads: names, who holds the GIL, who waits for it', async () => {
    const program = await startTarget(interpreter, 'pool.py')
    await program.untilBlockedIn('read')
    const { stdout, code } = await remora(['stack', program.pid, '--json'])
    expect(code).toBe(0)
    const { threads } = JSON.parse(stdout)
    expect(threads.map(({ name, main, state }: Record<string, unknown>) => [name, main, state])).toEqual([
      ['MainThread', true, 'blocked'],
      ...[0, 1, 2, 3].map((worker) => [`worker_${worker}`, false, 'blocked']),
    ])
    for (const { frames } of threads.slice(1)) expect(frames[0]).toMatchObject({ function: '_worker' })
    const one = await remora(['stack', program.pid, '--thread', 'worker_2', '--json'])
    expect(JSON.parse(one.stdout).threads).toMatchObject([{ name: 'worker_2' }])
  })

  test('locals are what the target itself says of them, in every frame', async () => {
    await expectToldLocals(interpreter)
  })

  test('the command shows with --locals what the library reads, and without it none', async () => {
    const program = await startTarget(interpreter, 'reader.py')
    await program.untilBlockedIn('read')
    await using target = await attach(program.pid)
    const { threads } = target.stack({ locals: { depth: 1 } })
    expect(threads[0]?.frames[1]?.locals).toMatchObject([{ name: 'total', text: expect.stringMatching(/^\d+$/) }])
    const shown = await remora(['stack', program.pid, '--locals', '--json'])
    expect([shown.stderr, JSON.parse(shown.stdout).threads]).toEqual(['', threads])
    const plain = await remora(['stack', program.pid, '--json'])
    const without = threads.map((thread) => ({
      ...thread,
      frames: thread.frames.map(({ locals: _, ...rest }) => rest),
    }))
    expect(JSON.parse(plain.stdout).threads).toEqual(without)
  })

  test('works where remote debugging is disabled', async () => {
    const program = await startTarget(interpreter, 'reader.py', { env: { PYTHON_DISABLE_REMOTE_DEBUG: '1' } })
    await program.untilBlockedIn('read')
    const { stdout, stderr, code } = await remora(['stack', program.pid])
    expect([stderr, code]).toEqual(['', 0])
    expect(stdout).toBe(expectedText(program.pid, interpreter))
  })
})

function expectedText(pid: number, { path, version }: Interpreter): string {
  const file = programPath('reader.py')
  return [
    `Process ${pid}: ${path} -B ${file} (CPython ${version})`,
    '',
    `Thread ${pid} (MainThread): blocked in read on Unix socket`,
    `  File "${file}", line 7, in read_number`,
    '    return int(input())',
    '               ^^^^^^^',
    `  File "${file}", line 14, in add_up`,
    '    total += read_number()',
    '             ^^^^^^^^^^^^^',
    `  File "${file}", line 21, in <module>`,
    '    support.finished(add_up())',
    '                     ^^^^^^^^',
    '',
  ].join('\n')
}
