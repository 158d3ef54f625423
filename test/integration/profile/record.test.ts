// `remora record` when something happens: the target ends, forks, becomes another program, is stopped, forbids to be
// read; the disk is full; Remora is interrupted or killed. What was sampled is in the file each time.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openRecording } from '../../../src/profile/recording/read-recording.js'
import { summarize } from '../../../src/profile/summary.js'
import type { RecordDocument } from '../../../src/session/documents/index.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { anyInterpreter, interpreters } from '../../harness/interpreters.js'
import { canBeNobody, NOBODY } from '../../harness/nobody.js'
import { cliPath, type RunningCli, remora, startRemora } from '../../harness/remora.js'
import { programPath, startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

describe.each(interpreters)('$name', (interpreter) => {
  test('a target that ends: the recording ends with it', async () => {
    const program = await startTarget(interpreter, 'workloads.py', { arguments: ['split'] })
    const recording = startRecording(program.pid)
    await recording.untilSampled()
    await program.kill()
    const { document, functions } = await recording.end()
    expect(document.ended).toBe('exited')
    expect(functions).toContain('seventy')
  })

  test('Ctrl-C ends it, and the target has not noticed anything', async () => {
    const program = await startTarget(interpreter, 'workloads.py', { arguments: ['split'] })
    const recording = startRecording(program.pid)
    await recording.untilSampled()
    recording.child.kill('SIGINT')
    const { document, functions } = await recording.end()
    expect(document.ended).toBe('stopped')
    expect(functions).toContain('seventy')
    const { fingerprint, exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    expectUnchanged(program.before, fingerprint)
  })

  test('a killed Remora leaves a file that can be read', async () => {
    const program = await startTarget(interpreter, 'workloads.py', { arguments: ['split'] })
    const recording = startRecording(program.pid)
    await recording.untilSampled()
    recording.child.kill('SIGKILL')
    await recording.result
    expect(readFunctions(recording.file)).toContain('seventy')
  })

  test('a command is started, and profiled from its first moment', async () => {
    const file = path.join(temporaryDirectory(), 'a.remora')
    const code = 'def work():\n    for _ in range(20_000_000): pass\nwork()'
    const { code: exit, stderr } = await remora(['record', '-o', file, '--', interpreter.path, '-c', code])
    expect(exit).toBe(0)
    expect(stderr).toContain(`Recording: ${file}`)
    expect(readFunctions(file)).toContain('work')
  })

  test('what it becomes with exec is followed, as long as it is Python', async () => {
    const program = await startTarget(interpreter, 'replaced.py', { arguments: ['python'] })
    const recording = startRecording(program.pid)
    await recording.untilSampled()
    program.type('go')
    await program.says('again')
    await recording.untilGrown(3)
    await program.finish()
    const { document, functions } = await recording.end()
    expect(document.ended).toBe('exited')
    expect(functions).toEqual(expect.arrayContaining(['first', 'second']))
  })
})

test('children are followed with --children, each under its own number', async () => {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['family'] })
  const recording = startRecording(program.pid, { options: ['--children'] })
  await recording.untilSampled()
  await until(() => pidsOf(recording.file).size === 3)
  recording.child.kill('SIGINT')
  await recording.end()
  expect(pidsOf(recording.file)).toContain(program.pid)
  const alone = await remora(['record', program.pid, '-d', 0.3, '--json'])
  expect(JSON.parse(alone.stdout).threads).toHaveLength(1)
  await program.finish()
})

test('what it becomes with exec that is no Python ends the recording', async () => {
  const program = await startTarget(anyInterpreter, 'replaced.py', { arguments: ['sleep'] })
  const recording = startRecording(program.pid)
  await recording.untilSampled()
  program.type('go')
  expect((await recording.end()).document.ended).toBe('exited')
})

test('one thread, and functions without their lines', async () => {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['sleepers'] })
  const record = async (...words: readonly string[]): Promise<RecordDocument> =>
    JSON.parse((await remora(['record', program.pid, '-d', 0.2, '--json', ...words])).stdout)
  expect((await record('--main')).threads.map(({ name }) => name)).toEqual(['MainThread'])
  const one = await record('--thread', 'worker', '--line', '--until-exit')
  expect(one.threads.map(({ name }) => name)).toEqual(['worker'])
  const definitions = new Map(one.functions.map(({ function: name, line }) => [name, line]))
  expect(one.lines.some(({ function: name, line }) => line > (definitions.get(name) ?? 0))).toBe(true)
  const { functions, lines } = await record('--thread', 'worker', '--function')
  expect(lines.map(({ function: name, line }) => [name, line]).toSorted()).toEqual(
    functions
      .filter(({ self }) => self > 0)
      .map(({ function: name, line }) => [name, line])
      .toSorted(),
  )
  await program.finish()
})

test('a stopped target is sampled where it stands', async () => {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
  program.signal('SIGSTOP')
  const { stdout, code } = await remora(['record', program.pid, '-d', 0.5, '--json'])
  program.signal('SIGCONT')
  expect(code).toBe(0)
  const { samples, failed, lines } = JSON.parse(stdout)
  expect([samples > 0, failed]).toEqual([true, 0])
  expect(lines[0].self).toBeGreaterThan(samples * 0.9)
  await program.finish()
})

const root = process.getuid?.() === 0
if (!root) console.warn('SKIPPED: a test of a PID that is used again, as it needs root')

test.skipIf(!root)('another process that gets the same PID is not sampled', async () => {
  const file = path.join(temporaryDirectory(), 'a.remora')
  // In a namespace of its own, where the next PID can be chosen.
  const script = `
    "$1" -c "$3" & pid=$!
    read line
    "$4" "$5" record $pid -o "$2" --json & remora=$!
    read line
    kill -9 $pid; wait $pid
    echo $((pid - 1)) > /proc/sys/kernel/ns_last_pid
    "$1" -c "$6" $remora & [ $! = $pid ] && echo recycled
    wait $remora`
  const first = 'def first():\n  while True: pass\nprint("ready", flush=True)\nfirst()'
  // As long as it is watched, and five seconds at most.
  const second = [
    'import os, sys, time',
    'def second():',
    '  end = time.monotonic() + 5',
    '  while os.path.exists(f"/proc/{sys.argv[1]}/exe") and time.monotonic() < end: pass',
    'second()',
  ].join('\n')
  const words = [anyInterpreter.path, file, first, process.execPath, cliPath, second]
  const shell = spawn('unshare', ['-pf', '--kill-child', '--mount-proc', 'sh', '-c', script, 'sh', ...words])
  onTestFinished(() => void shell.kill('SIGKILL'))
  const lines = readline.createInterface({ input: shell.stdout })[Symbol.asyncIterator]()
  expect((await lines.next()).value).toBe('ready')
  shell.stdin.write('\n')
  await until(() => fs.existsSync(file) && countRuns(file) > 0)
  shell.stdin.write('\n')
  // The first process is gone before the second begins, so either may be told first.
  const told = [(await lines.next()).value, (await lines.next()).value]
  expect(told).toContain('recycled')
  expect(JSON.parse(told.find((line) => line !== 'recycled') ?? '').ended).toBe('exited')
  expect(readFunctions(file)).toContain('first')
  expect(readFunctions(file)).not.toContain('second')
})

test.skipIf(!canBeNobody)('a permission that is lost meanwhile does not end it', async () => {
  const directory = temporaryDirectory()
  fs.chmodSync(directory, 0o777)
  const program = await startTarget(anyInterpreter, 'undumpable.py', { launcher: NOBODY })
  const recording = startRecording(program.pid, { launcher: NOBODY, file: path.join(directory, 'a.remora') })
  await recording.untilSampled()
  program.type('go')
  await program.says('forbidden')
  await recording.untilGrown(3)
  await program.finish()
  const { functions } = await recording.end()
  expect(functions).toEqual(expect.arrayContaining(['before', 'after']))
})

test('a full disk ends it with an error, and what was written can be read', async () => {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
  const full = await remora(['record', program.pid, '-o', '/dev/full', '--json'])
  expect([full.code, JSON.parse(full.stdout).code]).toEqual([2, 'OUTPUT_UNWRITABLE'])
  // A limit on the size of files is as good as a disk that fills up: writing fails in the middle of a block.
  const limit = ['sh', '-c', 'trap "" XFSZ; ulimit -f 12; exec "$@"', 'sh']
  const recording = startRecording(program.pid, { launcher: limit, options: ['--rate', '200'] })
  const { code, stdout } = await recording.result
  expect([code, JSON.parse(stdout).code]).toEqual([2, 'OUTPUT_UNWRITABLE'])
  expect(readFunctions(recording.file)).toContain('seventy')
  const none = ['sh', '-c', 'trap "" XFSZ; ulimit -f 0; exec "$@"', 'sh']
  const empty = path.join(temporaryDirectory(), 'a.html')
  expect((await remora(['record', program.pid, '-o', empty, '--json'], { launcher: none })).code).toBe(2)
  expect(fs.readdirSync(path.dirname(empty))).toEqual([])
  await program.finish()
})

test('what cannot be recorded is refused before anything is written', async () => {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
  const file = path.join(temporaryDirectory(), 'a.remora')
  for (const [words, code] of [
    [[4194300], 'PROCESS_NOT_FOUND'],
    [[program.pid, '--thread', 'nobody'], 'THREAD_NOT_FOUND'],
    [[program.pid, '--rate', 'fast'], 'USAGE'],
    [[program.pid, '--mode', 'slow'], 'USAGE'],
    [['--', '/nowhere/python'], 'COMMAND_NOT_STARTED'],
    [['--', 'true'], 'COMMAND_NOT_STARTED'],
  ] as const) {
    const { stdout, code: exit } = await remora(['record', '--json', '-o', file, ...words])
    expect([JSON.parse(stdout).code, exit === 0]).toEqual([code, false])
  }
  expect(fs.existsSync(file)).toBe(false)
  await program.finish()
})

test('a program with an input of its own keeps it', async () => {
  const file = path.join(temporaryDirectory(), 'a.remora')
  const words = ['record', '-o', file, '--', anyInterpreter.path, programPath('workloads.py'), 'split']
  const { stdout, code } = await remora(words)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^ready .*\nfinished .*\n$/)
})

interface RecordingCli extends RunningCli {
  readonly file: string
  /** Until the first samples are in the file. */
  untilSampled(): Promise<void>
  /** Until so many batches more are in the file. */
  untilGrown(batches: number): Promise<void>
  end(): Promise<{ document: RecordDocument; functions: string[] }>
}

interface RecordingOptions {
  readonly launcher?: readonly string[]
  readonly file?: string
  readonly options?: readonly string[]
}

function startRecording(pid: number, { launcher, file: name, options = [] }: RecordingOptions = {}): RecordingCli {
  const file = name ?? path.join(temporaryDirectory(), 'a.remora')
  const cli = startRemora(['record', pid, '-o', file, '--json', ...options], launcher === undefined ? {} : { launcher })
  return {
    ...cli,
    file,
    untilSampled: () => until(() => fs.existsSync(file) && countRuns(file) > 0),
    untilGrown: async (batches) => {
      const before = countRuns(file)
      await until(() => countRuns(file) >= before + batches)
    },
    end: async () => {
      const { stdout } = await cli.result
      const document: RecordDocument = JSON.parse(stdout)
      const functions = readFunctions(file)
      // What was counted meanwhile is what can be counted in the file.
      expect(document.functions.map((one) => one.function)).toEqual(functions.slice(0, 20))
      return { document, functions }
    },
  }
}

async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await new Promise((resolve) => setTimeout(resolve, 5))
}

function countRuns(file: string): number {
  if (fs.statSync(file).size === 0) return 0
  const recording = openRecording(file)
  const pieces = [...recording.runs].length
  recording.close()
  return pieces
}

function pidsOf(file: string): Set<number> {
  const recording = openRecording(file)
  recording.close()
  return new Set(recording.threads.map(({ pid }) => pid))
}

function readFunctions(file: string): string[] {
  const recording = openRecording(file)
  const { functions } = summarize(recording)
  recording.close()
  return functions.map((one) => one.function)
}
