// What the command line makes of mistakes and of an output that takes nothing: an error that says what to do, in the
// form that was asked for, and never a stack trace.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { anyInterpreter } from '../../harness/interpreters.js'
import { remora, startRemora } from '../../harness/remora.js'
import { toShellWord } from '../../harness/shell.js'
import { startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

/** The command line with its standard output on a disk that is full. */
const onFullDisk = { launcher: ['sh', '-c', 'exec "$@" >/dev/full', 'sh'] }
const FULL = `remora: the output cannot be written: ENOSPC: no space left on device, write
  See whether there is room for it: df -h
`

describe('an output that takes nothing', () => {
  test.each([[['ps']], [['ps', '--json']], [['--help']], [['exec', '--help']]])('%j', async (words) => {
    // For `ps` there has to be something to print.
    await startTarget(anyInterpreter, 'busy.py')
    expect(await remora(words, onFullDisk)).toMatchObject({ code: 2, stderr: FULL })
  })

  test('a script is interrupted, and the program goes on', async () => {
    const program = await startTarget(anyInterpreter, 'busy.py')
    const code = 'print("x" * 100, flush=True)\nwhile True: pass'
    expect(await remora(['exec', program.pid, '-c', code], onFullDisk)).toMatchObject({ code: 2, complaints: FULL })
    const { result, exit } = await program.finish()
    expect([result, exit, program.stderr]).toEqual([true, 0, ''])
  })

  test('an error in JSON that cannot be printed is told in words', async () => {
    const stderr = 'remora: there is no command bogus\n  See: remora --help\n'
    expect(await remora(['bogus', '--json'], onFullDisk)).toMatchObject({ code: 2, stderr })
  })
})

describe('an output that takes what has room', () => {
  test('more than a pipe holds arrives whole, however late its reader comes', async () => {
    const program = await startTarget(anyInterpreter, 'busy.py')
    const folder = temporaryDirectory()
    const [written, read] = [path.join(folder, 'written'), path.join(folder, 'read')]
    execFileSync('mkfifo', [written, read])
    const late = ['sh', '-c', `"$@" | { read _ <${toShellWord(read)}; cat; }`, 'sh']
    const code = `print("x" * 300_000)\nopen(${JSON.stringify(written)}, "w").close()`
    const running = startRemora(['exec', program.pid, '--json', '-c', code], { launcher: late })
    await fs.promises.readFile(written)
    await fs.promises.writeFile(read, '\n')
    const { stdout, complaints } = await running.result
    expect([JSON.parse(stdout).stdout, complaints]).toEqual([`${'x'.repeat(300_000)}\n`, ''])
  })

  test('a file is added to', async () => {
    const file = path.join(temporaryDirectory(), 'file')
    fs.writeFileSync(file, 'before\n')
    const added = ['sh', '-c', `exec "$@" >>${toShellWord(file)}`, 'sh']
    for (const word of ['--version', '--version'])
      expect(await remora([word], { launcher: added })).toMatchObject({ code: 0 })
    expect(fs.readFileSync(file, 'utf8')).toMatch(/^before\nremora [\d.]+\nremora [\d.]+\n$/)
  })

  test('a pipe whose reader has gone ends it without a word', async () => {
    const closed = path.join(temporaryDirectory(), 'closed')
    execFileSync('mkfifo', [closed])
    const script = `{ read _ <${closed}; "$@"; echo $? >&2; } | { exec <&-; echo >${closed}; }`
    const { stdout, stderr } = await remora(['--help'], { launcher: ['sh', '-c', script, 'sh'] })
    expect([stdout, stderr]).toEqual(['', '1\n'])
  })
})

describe('mistakes', () => {
  test('a word that is no command, in JSON', async () => {
    const { code, stdout, stderr } = await remora(['bogus', '--json'])
    expect([code, stderr]).toEqual([2, ''])
    expect(JSON.parse(stdout)).toEqual({
      schema: 'remora.error/1',
      code: 'USAGE',
      message: 'there is no command bogus',
      hint: 'See: remora --help',
      details: {},
    })
  })

  test('the value of an option names the command whose help tells more', async () => {
    const program = await startTarget(anyInterpreter, 'reader.py')
    expect(await remora(['exec', program.pid, '--timeout', 'abc', '-c', '1'])).toMatchObject({
      code: 2,
      stderr: 'remora: --timeout takes a time such as 5 or 500ms, not abc\n  See: remora exec --help\n',
    })
  })

  test.each([
    ['missing.py', 'does not exist'],
    ['', 'is no file'],
  ])('--no-wait and a script that is none: %j %s, and nothing is asked for', async (name, reason) => {
    const program = await startTarget(anyInterpreter, 'reader.py')
    const path = `${temporaryDirectory()}/${name}`
    const { code, stderr } = await remora(['exec', program.pid, '--no-wait', path])
    expect(code).toBe(2)
    expect(stderr).toContain(`${reason} for process ${program.pid}\n`)
    program.type('1')
    expect(await program.says('total')).toBe(1)
    const { exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
  })
})
