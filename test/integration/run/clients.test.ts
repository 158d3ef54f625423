// Clients that give up, die, stop or come together. The target goes on as before, whatever becomes of them, and no file
// of theirs is left. (Contract points 5 and 6.)

import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { drawAttention, readRequest } from '../../../src/inject/request.js'
import { chooseThread, listThreads } from '../../../src/session/activity/threads.js'
import { attach } from '../../../src/session/attach.js'
import type { ExecDocument, ThreadActivityInfo } from '../../../src/session/documents/index.js'
import { toAskedThread } from '../../../src/session/run/to-asked-thread.js'
import { WritableTarget } from '../../../src/session/run/writable-target.js'
import { expectUnchanged, importedBy } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { remora, startRemora } from '../../harness/remora.js'
import { startStatement } from '../../harness/statement.js'
import { startTarget, type TestTarget } from '../../harness/target.js'
import { rendezvousDirectoriesOf, temporaryDirectory } from '../../harness/temporary.js'
import { withResolvers } from '../../harness/with-resolvers.js'

const FLOOD_BYTES = 5_000 * 1024

/** Stops the client (SO_PEERCRED of the run's connection), prints 5 MB, and says how many seconds that took. */
const FLOOD = `
import os, signal, socket, struct, sys, time
connection = socket.socket(fileno=os.dup(sys.stdout.run.channel.connection.fileno()))
client, _, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
connection.close()
os.kill(client, signal.SIGSTOP)
started = time.monotonic()
for _ in range(5_000): print("x" * 1023)
sys.__stdout__.write("flooded %.3f\\n" % (time.monotonic() - started))
sys.__stdout__.flush()
`

const FLOOD_IMPORTS = 'import socket, struct'

const BEGIN = 'import sys, time\nbegin = lambda: print("begun", file=sys.stderr)\n'

const FINALIZER = `
class Left:
    def __del__(self): begin(); time.sleep(1000)
Left()
while True: pass
`

/** Until the script below has been interrupted in vain, by its own alarm, for more than once. */
const UNTIL_TRIED = `
import _signal
interrupter = _signal.getsignal(_signal.SIGURG).__self__
while not interrupter.due or interrupter.patience < 0.2: pass
`

/** Sleeps where no signal interrupts it. */
const BLOCKED_SIGNALS = `
import _signal, sys, time
before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
print("sleeping", file=sys.stderr)
try: time.sleep(1.5)
finally: _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
print("unreached", 1)
`

describe.each(interpreters)('$name', (interpreter) => {
  async function expectUndisturbed(program: TestTarget, total: unknown, imports = 'pass'): Promise<void> {
    const { result, fingerprint, exit } = await program.finish()
    expect([result, exit, program.stderr]).toEqual([total, 0, ''])
    expectUnchanged(program.before, fingerprint, importedBy(interpreter, imports))
  }

  /** The PID of a client that was killed while its script waited to be run. */
  async function killWhileWaiting(program: TestTarget): Promise<number | undefined> {
    const words = ['exec', program.pid, '--timeout', '60', '-c', 'print("ghost", 1)']
    const { child, result, stderrMatches } = startRemora(words)
    await stderrMatches(/waiting for/)
    child.kill('SIGKILL')
    await result
    return child.pid
  }

  async function startBlocked(): Promise<TestTarget> {
    const program = await startTarget(interpreter, 'reader.py')
    await program.untilBlockedIn('read')
    return program
  }

  test('a script that is not started in time is withdrawn and never runs', async () => {
    const program = await startBlocked()
    const { code, stdout, stderr } = await remora(['exec', program.pid, '--timeout', '0.4', '-c', 'print("ghost", 1)'])
    expect([code, stdout]).toEqual([5, ''])
    expect(stderr).toMatch(
      /waiting for thread \d+ \(MainThread\): in read_number \(.*reader\.py:7\), blocked in the system call read/,
    )
    const [, seconds] = /did not start within (\d+\.\d) s and was withdrawn/.exec(stderr) ?? []
    expect(Number(seconds)).toBeGreaterThanOrEqual(0.4)
    program.type('40')
    expect(await program.says('total')).toBe(40)
    await expectUndisturbed(program, 40)
  })

  test('a script that still waits when its client leaves is withdrawn', async () => {
    const program = await startBlocked()
    let asked: Promise<ExecDocument>
    {
      await using target = await attach(program.pid)
      asked = target.exec('print("ghost", 1)', { timeoutMs: 60_000 })
    }
    expect(await asked).toMatchObject({ outcome: 'withdrawn', stdout: '' })
    program.type('40')
    expect(await program.says('total')).toBe(40)
    await expectUndisturbed(program, 40)
  })

  test('Ctrl-C withdraws a script that waits', async () => {
    const program = await startBlocked()
    const { child, result, stderrMatches } = startRemora([
      'exec',
      program.pid,
      '--timeout',
      '60',
      '-c',
      'print("ghost", 1)',
    ])
    await stderrMatches(/waiting for/)
    child.kill('SIGINT')
    expect((await result).code).toBe(5)
    expect(rendezvousDirectoriesOf(child.pid)).toEqual([])
    program.type('1')
    expect(await program.says('total')).toBe(1)
    await expectUndisturbed(program, 1)
  })

  test('killed with -9 while its script waits: the target cleans up at its next safe point', async () => {
    const program = await startBlocked()
    const client = await killWhileWaiting(program)
    expect(rendezvousDirectoriesOf(client)).toHaveLength(1)
    program.type('1')
    expect(await program.says('total')).toBe(1)
    expect(rendezvousDirectoriesOf(client)).toEqual([])
    await expectUndisturbed(program, 1)
  })

  test('killed with -9 while its script waits: the next client takes over, even if the target never moved', async () => {
    const program = await startBlocked()
    const client = await killWhileWaiting(program)
    expect(await remora(['exec', program.pid, '--timeout', '0.2', '-c', '1'])).toMatchObject({ code: 5 })
    expect(rendezvousDirectoriesOf(client)).toEqual([])
    program.type('1')
    expect(await program.says('total')).toBe(1)
    await expectUndisturbed(program, 1)
  })

  test('killed with -9 between staging and asking: the next client removes what lies around', async () => {
    const program = await startBlocked()
    const asked = await killWhileWaiting(program)
    const [staged = ''] = rendezvousDirectoriesOf(asked)
    // What that one would have left if it had been killed a moment earlier: the same files, but nobody asked for them.
    const unasked = `${staged.slice(0, -12)}${'0'.repeat(12)}`
    const ofAnother = unasked.replace(`-${program.pid}-`, `-${process.pid}-`)
    for (const directory of [unasked, ofAnother]) fs.cpSync(staged, directory, { recursive: true, filter: isNoSocket })
    await using target = await attach(program.pid)
    const waiting = withResolvers<ThreadActivityInfo>()
    const exec = target.exec('1', { timeoutMs: 30_000, thread: 'main', onWaiting: waiting.resolve })
    await waiting.promise
    program.type('1')
    expect((await exec).outcome).toBe('completed')
    // Another target, which lives, may still have been asked for it.
    expect(rendezvousDirectoriesOf(asked)).toEqual([ofAnother])
    fs.rmSync(ofAnother, { recursive: true })
    expect(await program.says('total')).toBe(1)
    await expectUndisturbed(program, 1)
  })

  test.each([
    ['computes', 'begin()\nwhile True: pass'],
    ['sleeps', 'begin(); time.sleep(1000)'],
    ['sleeps in a finalizer, out of which nothing is raised', FINALIZER],
  ])('killed with -9 while its script %s: the script is interrupted', async (_, code) => {
    const program = await startTarget(interpreter, 'busy.py')
    const { child, result, stderrMatches } = startRemora(['exec', program.pid, '-'], { input: BEGIN + code })
    await stderrMatches(/begun/)
    child.kill('SIGKILL')
    await result
    await expectUndisturbed(program, true)
    expect(rendezvousDirectoriesOf(child.pid)).toEqual([])
  })

  test('killed with -9 while another script runs on top of its own: that one is not interrupted', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const { child, result, stderrMatches } = startRemora(['exec', program.pid, '-'], {
      input: `${BEGIN}begin(); time.sleep(1000)`,
    })
    await stderrMatches(/begun/)
    await using target = await attach(program.pid)
    const { outcome, stdout } = await target.exec(
      `import os\nos.kill(${child.pid}, 9)\n${UNTIL_TRIED}print("unharmed")`,
      {
        nudge: 'safe',
      },
    )
    expect([outcome, stdout]).toEqual(['completed', 'unharmed\n'])
    await result
    await expectUndisturbed(program, true)
  })

  test('killed with -9 while its script prints to a program for which SIGPIPE is deadly', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const { child, result, stderrMatches } = startRemora(['exec', program.pid, '-'], {
      input: [
        'import signal, sys',
        'before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)',
        'try:',
        '    print("looping", file=sys.stderr)',
        '    while True: print("x")',
        'finally: signal.signal(signal.SIGPIPE, before)',
      ].join('\n'),
    })
    await stderrMatches(/looping/)
    child.kill('SIGKILL')
    await result
    await expectUndisturbed(program, true)
  })

  test('an abandoned request whose directory is a link leads nobody to delete what lies behind it', async () => {
    const program = await startBlocked()
    const client = await killWhileWaiting(program)
    const [directory = ''] = rendezvousDirectoriesOf(client)
    const elsewhere = temporaryDirectory()
    fs.writeFileSync(`${elsewhere}/s`, 'precious')
    fs.renameSync(directory, `${directory}.aside`)
    fs.symlinkSync(elsewhere, directory)
    await remora(['exec', program.pid, '--timeout', '0.2', '-c', '1'])
    expect(fs.readFileSync(`${elsewhere}/s`, 'utf8')).toBe('precious')
    fs.unlinkSync(directory)
    fs.rmSync(`${directory}.aside`, { recursive: true })
  })

  test('a second Ctrl-C gives up, says what is left, and the script ends all the same', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const { child, result, stderrMatches } = startRemora(['exec', program.pid, '-'], {
      input: BLOCKED_SIGNALS,
    })
    await stderrMatches(/sleeping/)
    await program.untilBlockedIn('clock_nanosleep')
    child.kill('SIGINT')
    await stderrMatches(/interrupting/)
    child.kill('SIGINT')
    const { code, complaints } = await result
    expect([code, complaints]).toEqual([
      1,
      'sleeping\nremora: interrupting the code; Ctrl-C again to give up\n' +
        `remora: gave up; the code still runs in process ${program.pid} and ends at its next instruction\n`,
    ])
    expect(rendezvousDirectoriesOf(child.pid)).toEqual([])
    await expectUndisturbed(program, true)
  })

  test('a stopped client does not hold up the program: output is dropped and counted', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const { child, result } = startRemora(['exec', program.pid, '--json', '-'], { input: FLOOD })
    // The script stops its own client, which is the process at the other end of its connection.
    expect(await program.says('flooded')).toBeLessThan(10)
    child.kill('SIGCONT')
    const { outcome, stdout, droppedBytes } = JSON.parse((await result).stdout)
    expect(outcome).toBe('completed')
    expect(droppedBytes).toBeGreaterThan(0)
    expect(stdout.length + droppedBytes).toBe(FLOOD_BYTES)
    await expectUndisturbed(program, true, FLOOD_IMPORTS)
  })

  test('a client that is stopped when its agent comes has not lost it: it asks again when it goes on', async () => {
    const program = await startBlocked()
    const { child, result, stderrMatches } = startRemora(['exec', program.pid, '--timeout', '60', '-c', 'print("ran")'])
    await stderrMatches(/waiting for/)
    child.kill('SIGSTOP')
    program.type('1')
    // The agent has waited its second for an answer.
    expect(await program.says('total')).toBe(1)
    child.kill('SIGCONT')
    let over = false
    const done = result.finally(() => {
      over = true
    })
    while (!over) {
      program.type('0')
      await program.says('total')
    }
    expect(await done).toMatchObject({ code: 0, stdout: 'ran\n', complaints: '' })
    await expectUndisturbed(program, 1)
  })

  test('three clients at once: all scripts run, each once', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    for (let round = 0; round < 10; round++) {
      const results = await Promise.all([1, 2, 3].map((n) => remora(['exec', program.pid, '-c', `print(${n})`])))
      expect(results.map(({ stdout, complaints, code }) => [code, stdout, complaints])).toEqual(
        [1, 2, 3].map((n) => [0, `${n}\n`, '']),
      )
    }
    await expectUndisturbed(program, true)
  })

  test('a client that is held up between its path and its flag asks for no script of one that has gone', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    expect(await remora(['exec', program.pid, '-c', '0'])).toMatchObject({ code: 0 })
    const target = new WritableTarget(program.pid)
    onTestFinished(() => target.dispose())
    const { slot } = toAskedThread(target, chooseThread(listThreads(target), 'main'))
    const { remote_debugger_support, debugger_pending_call } = slot.runtime.offsets.debugger_support
    slot.runtime.memory.write(slot.thread + remote_debugger_support + debugger_pending_call, Buffer.of(1, 0, 0, 0))
    drawAttention(slot)
    while (readRequest(slot).pending) await new Promise((resolve) => setImmediate(resolve))
    await expectUndisturbed(program, true)
  })

  test('a request of someone else in one thread does not lose what the other threads say', async () => {
    const busy = 'threading.Thread(target=lambda: [0 for _ in iter(int, 1)], name="busy").start()'
    // Not for a lock: `start` waits for one as well.
    const pid = await startStatement(interpreter, `${busy}; time.sleep(1000)`, 'clock_nanosleep')
    const script = fileURLToPath(new URL('../../../examples/print_stack.py', import.meta.url))
    expect(await remora(['exec', pid, '--no-wait', script])).toMatchObject({ code: 0 })
    const words = ['exec', pid, '--thread', 'all', '-c', 'print("here")']
    const { code, stdout, stderr } = await remora(words)
    expect([code, stdout]).toEqual([4, expect.stringMatching(/^thread \d+ \(busy\)\nhere\n$/)])
    expect(stderr).toContain("someone else's script is waiting to run in that thread")
    const lines = (await remora([...words, '--json'])).stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { schema: 'remora.exec/1', stdout: 'here\n' },
      { schema: 'remora.error/1', code: 'REQUEST_PENDING' },
    ])
  })

  test('a request of someone else that waits is left alone', async () => {
    const program = await startBlocked()
    const script = fileURLToPath(new URL('../../../examples/print_stack.py', import.meta.url))
    expect(await remora(['exec', program.pid, '--no-wait', script])).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const { code, complaints } = await remora(['exec', program.pid, '-c', '1'])
    expect(code).toBe(4)
    expect(complaints).toBe(
      `remora: someone else's script is waiting to run in that thread: ${script}\n` +
        '  Wait until it has run, or end the tool that asked for it. Nothing was changed.\n',
    )
    await using target = await attach(program.pid)
    await expect(target.exec('1')).rejects.toMatchObject({ code: 'REQUEST_PENDING', details: { path: script } })
  })
})

function isNoSocket(path: string): boolean {
  return !fs.lstatSync(path).isSocket()
}
