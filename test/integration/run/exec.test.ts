// What can come of a script, through the command line, on every interpreter. The target is a busy program that goes on
// to the right result each time and is unchanged in the end.

import { writeFileSync } from 'node:fs'
import net from 'node:net'
import { beforeEach, describe, expect, test } from 'vitest'
import { withoutCheckout } from '../../harness/checkout.js'
import { expectUnchanged, importedBy } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { type CliResult, remora, startRemora } from '../../harness/remora.js'
import { startTarget, type TestTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

/** Waits for somebody to connect, and is their pdb; what it says goes where the program writes. */
const SOCKET_DEBUGGER = `
import pdb, socket, sys
server = socket.create_server(("127.0.0.1", 0))
print("debugger", server.getsockname()[1], flush=True)
connection, _ = server.accept()
server.close()
stream = connection.makefile("rw")
pdb.Pdb(stdin=stream, stdout=stream).set_trace(sys._getframe(1))
`

describe.each(interpreters)('$name', (interpreter) => {
  let program: TestTarget
  beforeEach(async () => {
    program = await startTarget(interpreter, 'busy.py')
  })

  const run = (code: string | Buffer, ...words: string[]): Promise<CliResult> =>
    remora(['exec', program.pid, '-', ...words], { input: code })

  /** The program comes to its right result, is as it was before, and nothing of ours was printed there. */
  async function expectUndisturbed(script: string | Buffer = '1/0'): Promise<void> {
    const { result, fingerprint, exit } = await program.finish()
    expect([result, exit, program.stderr]).toEqual([true, 0, ''])
    expectUnchanged(program.before, fingerprint, importedByShowing(script))
  }

  /** The modules that the interpreter itself imports to run the script and to show its exception. */
  function importedByShowing(script: string | Buffer): readonly string[] {
    const bytes = `bytes.fromhex("${Buffer.from(script).toString('hex')}")`
    return importedBy(interpreter, `import traceback\ntry: exec(${bytes})\nexcept BaseException: traceback.print_exc()`)
  }

  test('prints to both streams, in order, and exits with 0', async () => {
    const { stdout, complaints, code } = await run('import sys\nprint("één ★ 𝄞")\nprint("two", file=sys.stderr)')
    expect([stdout, complaints, code]).toEqual(['één ★ 𝄞\n', 'two\n', 0])
    await expectUndisturbed()
  })

  test('does not run in __main__, and sees only what sys.remote_exec scripts see', async () => {
    const { stdout } = await run('x = 1\nprint(__name__, sorted(globals()), globals() is locals())')
    expect(stdout).toBe("builtins ['__builtins__', 'x'] True\n")
    await expectUndisturbed()
  })

  test('raises: the traceback comes back with the lines of the script', async () => {
    const directory = temporaryDirectory()
    const file = `${directory}/script.py`
    writeFileSync(file, 'def fail():\n    return [][1]\n\nfail()\n')
    const { stdout, complaints, code } = await remora(['exec', program.pid, file])
    expect([stdout, code]).toEqual(['', 1])
    expect(complaints).toBe(
      `Traceback (most recent call last):\n  File "${file}", line 4, in <module>\n    fail()\n    ~~~~^^\n` +
        `  File "${file}", line 2, in fail\n    return [][1]\n           ~~^^^\nIndexError: list index out of range\n`,
    )
    await expectUndisturbed()
  })

  test.each([
    ['a syntax error', 'def f(:\n', 'SyntaxError: invalid syntax'],
    [
      'bytes that are no UTF-8',
      Buffer.from([0x78, 0x3d, 0x22, 0xff, 0x22]),
      "SyntaxError: Non-UTF-8 code starting with '\\xff'",
    ],
    ['a NUL byte', Buffer.from('x = 1\0\n'), 'SyntaxError: source code string cannot contain null bytes'],
    ['sys.exit(3)', 'import sys\nsys.exit(3)', 'SystemExit: 3'],
    ['KeyboardInterrupt', 'raise KeyboardInterrupt', 'KeyboardInterrupt'],
    [
      'an exception whose str() fails',
      'class E(Exception):\n  def __str__(self): 1/0\nraise E',
      'E: <exception str() failed>',
    ],
  ])('%s ends the script and not the program', async (_, code, message) => {
    const result = await run(code)
    expect([result.stdout, result.code]).toEqual(['', 1])
    expect(result.complaints).toContain(message)
    expect(withoutCheckout(result.complaints)).not.toContain('remora')
    await expectUndisturbed(code)
  })

  test('sys.exit() without a code is a script that has completed', async () => {
    expect(await run('import sys\nsys.exit()')).toMatchObject({ code: 0, complaints: '' })
    await expectUndisturbed()
  })

  test('the encoding that a script declares is honoured', async () => {
    const code = Buffer.from('# coding: latin-1\nprint("\xe9")\n', 'latin1')
    expect(await run(code)).toMatchObject({ stdout: 'é\n', code: 0 })
    await expectUndisturbed()
  })

  test('50 MB of output come back whole', async () => {
    const { output, code } = await run('for i in range(50): print(chr(97 + i % 26) * (2**20 - 1))')
    expect([output.length, code]).toEqual([50 * 2 ** 20, 0])
    for (let piece = 0; piece < 50; piece++) {
      const line = output.subarray(piece * 2 ** 20, (piece + 1) * 2 ** 20)
      expect(line.equals(Buffer.from(`${String.fromCharCode(97 + (piece % 26)).repeat(2 ** 20 - 1)}\n`))).toBe(true)
    }
    await expectUndisturbed()
  })

  test('bytes that are no text come back as they are, and escaped in JSON', async () => {
    const code = 'import sys\nsys.stdout.buffer.write(b"a\\xff\\xfeb\\n")'
    expect((await run(code)).output).toEqual(Buffer.from([0x61, 0xff, 0xfe, 0x62, 0x0a]))
    const { stdout } = await run(code, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'completed', stdout: 'a\\xff\\xfeb\n', droppedBytes: 0 })
    await expectUndisturbed()
  })

  test('output of other threads goes where it always went', async () => {
    const code = [
      'import threading, sys',
      'thread = threading.Thread(target=lambda: print("other", 1, flush=True))',
      'thread.start(); thread.join()',
      'print("mine")',
    ].join('\n')
    expect((await run(code)).stdout).toBe('mine\n')
    expect(await program.says('other')).toBe(1)
    await expectUndisturbed(code)
  })

  test('an endless loop and Ctrl-C', async () => {
    const { child, result, stderrMatches } = startRemora(['exec', program.pid, '-'], {
      input: 'import sys\ndef loop():\n  print("looping", file=sys.stderr)\n  while True: pass\nloop()',
    })
    await stderrMatches(/looping/)
    child.kill('SIGINT')
    const { code, complaints } = await result
    expect(code).toBe(1)
    // One that is not done at once is told that there is a second Ctrl-C.
    const notice = 'remora: interrupting the code; Ctrl-C again to give up\n'
    expect(complaints.replace(notice, '')).toMatch(/^looping\nTraceback .*line [34], in loop\n.*KeyboardInterrupt\n$/s)
    await expectUndisturbed()
  })

  test('an endless loop in a function it calls, and --timeout', async () => {
    // It is how long the script may take to start, as well.
    const { code, stderr } = await run('def f():\n  while True: len("")\nf()', '--timeout', '2')
    expect(code).toBe(1)
    expect(stderr).toMatch(/in f\n.*KeyboardInterrupt\n$/s)
    await expectUndisturbed()
  })

  test('a call that waits for long, and Ctrl-C', async () => {
    const { child, result, stderrMatches } = startRemora(['exec', program.pid, '-'], {
      input: 'import sys, time\nprint("sleeping", file=sys.stderr)\ntime.sleep(1000)',
    })
    await stderrMatches(/sleeping/)
    await program.untilBlockedIn('clock_nanosleep')
    child.kill('SIGINT')
    const { code, complaints } = await result
    expect(code).toBe(1)
    expect(complaints).toMatch(
      /^sleeping\n(remora: interrupting .*\n)?Traceback .*line 3, in <module>\n.*KeyboardInterrupt\n$/s,
    )
    await expectUndisturbed()
  })

  test('an endless loop within a profile function of the program, and Ctrl-C', async () => {
    const profiled = await startTarget(interpreter, 'profiled.py')
    const { child, result, stderrMatches } = startRemora(['exec', profiled.pid, '-'], {
      input: 'import sys\nprint("within", sys._getframe(1).f_code.co_name, file=sys.stderr)\nwhile True: pass',
    })
    await stderrMatches(/within hold\n/)
    child.kill('SIGINT')
    const { code, stderr } = await result
    expect(code).toBe(1)
    expect(stderr).toMatch(/line 3, in <module>\n.*KeyboardInterrupt\n$/s)
    // The program is profiled on.
    const { result: counted, fingerprint, exit } = await profiled.finish()
    expect([counted, exit, profiled.stderr]).toEqual([expect.arrayContaining(['c_call']), 0, ''])
    expectUnchanged(profiled.before, fingerprint, importedByShowing('1/0'))
  })

  test('--no-wait and a debugger that somebody else wrote', async () => {
    const script = `${temporaryDirectory()}/debugger.py`
    writeFileSync(script, SOCKET_DEBUGGER)
    expect(await remora(['exec', program.pid, '--no-wait', script])).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const socket = net.connect((await program.says('debugger')) as number, '127.0.0.1')
    socket.write('p checksum >= 0\nwhere\np "done"\n')
    let said = ''
    for await (const piece of socket.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      said += piece
      if (said.includes("'done'")) break
    }
    socket.end('c\n')
    expect(said).toMatch(/^> .*busy\.py\(\d+\)spin\(\)\n.*\(Pdb\) True\n.*busy\.py\(\d+\)main\(\)/s)
    const { result, exit } = await program.finish()
    expect([result, exit]).toEqual([true, 0])
  })

  test('a script that the interpreter has lost is asked for again', async () => {
    const lossy = await startTarget(interpreter, 'without_builtins.py')
    const { code, stdout } = await remora(['exec', lossy.pid, '-c', 'print(6 * 7)'])
    expect([code, stdout]).toEqual([0, '42\n'])
    expect(await lossy.says('lost')).toEqual(["'__import__'"])
    const { result, fingerprint, exit } = await lossy.finish()
    expect([result, exit, lossy.stderr]).toEqual([true, 0, ''])
    expectUnchanged(lossy.before, fingerprint, importedBy(interpreter, 'pass'))
  })

  test('a fork: both go on, the result is the parent’s', async () => {
    const code = [
      'import os, warnings',
      'warnings.simplefilter("ignore")',
      'child = os.fork()',
      'if child == 0: os._exit(7)',
      'print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))',
    ].join('\n')
    expect(await run(code)).toMatchObject({ stdout: 'child 7\n', code: 0 })
  })

  test('a fork whose child lives on prints where the program prints', async () => {
    const code = [
      'import os, warnings',
      'warnings.simplefilter("ignore")',
      'if os.fork() == 0:',
      '    print("forked", 1, flush=True)',
      '    os._exit(0)',
      'print("parent", os.waitstatus_to_exitcode(os.wait()[1]))',
    ].join('\n')
    expect((await run(code)).stdout).toBe('parent 0\n')
    expect(await program.says('forked')).toBe(1)
  })

  test.each([
    ['os._exit(9)', 'import os\nprint("bye", flush=True)\nos._exit(9)', 9],
    ['exec', 'import os\nprint("bye", flush=True)\nos.execv("/bin/sh", ["sh", "-c", "exit 9"])', 9],
    ['being killed', 'import os, signal\nprint("bye", flush=True)\nos.kill(os.getpid(), signal.SIGKILL)', 'SIGKILL'],
  ])('a script that ends the program by %s', async (_, code, exit) => {
    const { stdout, complaints, code: exitCode } = await run(code)
    expect([stdout, exitCode]).toEqual(['bye\n', 4])
    expect(complaints).toBe(`remora: process ${program.pid} ended before the script did\n`)
    expect(await program.exited()).toBe(exit)
  })

  test('the JSON document says it all', async () => {
    const { stdout, code } = await run('print("x"); 1/0', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual({
      schema: 'remora.exec/1',
      target: {
        pid: program.pid,
        python: interpreter.version,
        executable: expect.any(String),
        command: expect.stringContaining('busy.py'),
      },
      outcome: 'raised',
      stdout: 'x\n',
      stderr: '',
      droppedBytes: 0,
      error: { type: 'ZeroDivisionError', message: 'division by zero', traceback: expect.stringContaining('<stdin>') },
      thread: { id: expect.any(Number), nativeId: program.pid, name: 'MainThread' },
      timing: { pendingMs: expect.any(Number), runMs: expect.any(Number) },
      nudged: false,
    })
    await expectUndisturbed()
  })

  test('its thread is called what a look into memory says it is called', async () => {
    for (const name of ['a "b"\n', 'Дятел', '𝄞'.repeat(300), 'MainThread']) {
      await run(`import threading\nthreading.main_thread().name = ${JSON.stringify(name)}`)
      const { thread } = JSON.parse((await run('0', '--json')).stdout)
      const { threads } = JSON.parse((await remora(['stack', program.pid, '--json'])).stdout)
      expect([thread.name, threads[0].name]).toEqual([name, name])
    }
    await expectUndisturbed()
  })

  test('nothing of it stays in memory after the next garbage collection', async () => {
    const count = async (): Promise<number> => {
      return Number((await run('import gc\ngc.collect()\nprint(len(gc.get_objects()))')).stdout)
    }
    await count()
    const before = await count()
    for (let round = 0; round < 10; round++) await run('def f(): pass\n1/0 if id(f) == 1 else f()')
    expect((await count()) - before).toBeLessThan(10)
  })
})
