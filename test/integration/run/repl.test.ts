// `remora repl` on every interpreter, without a terminal: what lines mean, where they run, and what is left of them.
// Each program goes on as it would have and is unchanged in the end.

import { describe, expect, test } from 'vitest'
import { attach, type Target } from '../../../src/session/attach.js'
import type { ReplDocument } from '../../../src/session/documents/index.js'
import type { LineOptions, Repl, ReplOptions } from '../../../src/session/run/repl.js'
import { expectUnchanged, importedBy } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { Load } from '../../harness/load.js'
import { remora } from '../../harness/remora.js'
import { programPath, startTarget, type TestTarget } from '../../harness/target.js'

/** What the lines of this file import, the tracebacks of both kinds of error included. */
const IMPORTS = `
import _ast, asyncio, contextvars, math, traceback
for code in "nobody", "def f(:":
    try: exec(code)
    except Exception: traceback.format_exc()
`

describe.each(interpreters)('$name', (interpreter) => {
  async function expectUndisturbed(program: TestTarget, result: unknown): Promise<void> {
    const { result: said, fingerprint, exit } = await program.finish()
    expect([said, exit, program.stderr]).toEqual([result, 0, ''])
    expectUnchanged(program.before, fingerprint, importedBy(interpreter, IMPORTS))
  }

  async function open(target: Target, options: ReplOptions = {}): Promise<Repl> {
    const repl = await target.repl(options)
    if (repl === undefined) throw new Error('the program reached no safe point')
    return repl
  }

  const shown = async (repl: Repl, source: string, options: LineOptions = { final: true }): Promise<string> => {
    const { outcome, stdout, stderr, error }: ReplDocument = await repl.run(source, options)
    return outcome === 'completed' ? stdout + stderr : `${outcome}: ${error?.traceback}`
  }

  test('lines share their variables, which go with the session', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    await using target = await attach(program.pid)
    {
      await using repl = await open(target)
      expect(await shown(repl, 'x = 5')).toBe('')
      expect(await shown(repl, 'x; x + 1; None')).toBe('5\n6\n')
      expect(await shown(repl, '_ + 1')).toBe('7\n')
      expect(await shown(repl, 'def twice(n):\n    return n * k\n')).toBe('')
      expect(await shown(repl, 'k = 2; [twice(n) for n in range(3)]')).toBe('[0, 2, 4]\n')
      expect(await shown(repl, 'class A:\n    y = x\n    def z(self): return twice(self.y)\nA().z()')).toBe('10\n')
      expect(await shown(repl, 'import math\nfor i in range(2): i\n')).toBe('0\n1\n')
      expect(await shown(repl, 'globals()["x"], sorted(locals())[-1], __name__')).toBe("(5, 'x', '__console__')\n")
      expect(await shown(repl, 'del x')).toBe('')
      expect(await shown(repl, 'x')).toBe(
        'raised: Traceback (most recent call last):\n  File "<repl-10>", line 1, in <module>\n    x\n' +
          "NameError: name 'x' is not defined\n",
      )
      expect(await shown(repl, 'twice(None)')).toBe(
        'raised: Traceback (most recent call last):\n  File "<repl-11>", line 1, in <module>\n    twice(None)\n' +
          '    ~~~~~^^^^^^\n  File "<repl-4>", line 2, in twice\n    return n * k\n           ~~^~~\n' +
          "TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'\n",
      )
      expect(await shown(repl, 'print("é", file=sys.stderr); import sys')).toContain('é')
    }
    await using repl = await open(target)
    expect(await shown(repl, 'k')).toContain('NameError')
    await repl[Symbol.asyncDispose]()
    await expectUndisturbed(program, true)
  })

  test('the target decides what is complete', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    await using target = await attach(program.pid)
    await using repl = await open(target)
    const state = async (source: string) => (await repl.run(source)).unfinished ?? 'complete'
    const cases = {
      '(1,': 'incomplete',
      "x = '''a": 'incomplete',
      'if True:': 'incomplete',
      '@property': 'incomplete',
      'for i in (1,): i': 'open',
      'if True:\n    y = 1': 'open',
      'y = 1': 'complete',
      '1 +': 'complete',
      '': 'complete',
      '# nothing': 'complete',
    }
    for (const [source, expected] of Object.entries(cases))
      expect([source, await state(source)]).toEqual([source, expected])
    await repl[Symbol.asyncDispose]()
    await expectUndisturbed(program, true)
  })

  test('frames: the innermost by default, or one that is chosen, whose variables are assigned', async () => {
    const program = await startTarget(interpreter, 'evaluated.py')
    await using target = await attach(program.pid)
    await using repl = await open(target)
    // The innermost frame is that of `work` but while its generator runs.
    while (!(await shown(repl, 'values')).startsWith('[3'));
    expect(await shown(repl, 'level')).toBe("'global'\n")
    expect(await repl.complete('app.')).toEqual(['app.config', 'app.handler', 'app.token'])
    expect(await repl.complete('lev')).toEqual(['level'])
    expect(await repl.complete('app.nothing.x')).toEqual([])
    expect(await repl.use(10)).toMatchObject({ qualifiedName: 'fall' })
    expect(await shown(repl, 'depth in (8, 9), (lambda: depth > 7)()')).toBe('(True, True)\n')
    expect(repl.source()?.lines.map(([, text]) => text)).toContain('def fall(depth):')
    await expect(repl.use(500)).rejects.toMatchObject({ code: 'FRAME_NOT_FOUND' })
    while ((await repl.use(0))?.qualifiedName !== 'work');
    expect(await shown(repl, 'note = "after"; mine = 1; note, mine')).toBe("('after', 1)\n")
    expect(await program.says('note')).toBe('after')
    expect(await repl.use(undefined)).toBeUndefined()
    expect(repl.frames().at(-1)?.qualifiedName).toBe('<module>')
    expect(repl.threads().map(({ name }) => name)).toEqual(['MainThread', 'remora'])
    await repl[Symbol.asyncDispose]()
    await expectUndisturbed(program, [[3, 1, 2], true, 'global'])
  })

  test('a line is interrupted, and the program and the session go on', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    await using target = await attach(program.pid)
    await using repl = await open(target)
    expect(await shown(repl, 'n = 0\nwhile True: n += 1', { final: true, runTimeoutMs: 200 })).toContain(
      'KeyboardInterrupt',
    )
    expect(await shown(repl, 'n > 0')).toBe('True\n')
    await repl[Symbol.asyncDispose]()
    await expectUndisturbed(program, true)
  })

  test('in a thread of its own, beside the main one', async () => {
    const program = await startTarget(interpreter, 'evaluated.py')
    await using target = await attach(program.pid)
    await using repl = await open(target, { thread: 'agent' })
    expect(repl.thread.name).toBe('remora')
    expect(await shown(repl, 'level, app.token')).toBe("('global', 'hush')\n")
    expect(await shown(repl, 'import math; math.sqrt(4)')).toBe('2.0\n')
    expect(await shown(repl, '1/0')).toContain('ZeroDivisionError')
    const endless = await shown(repl, 'while True: pass', { final: true, runTimeoutMs: 200 })
    expect(endless).toContain('KeyboardInterrupt')
    expect(await shown(repl, '_ * 2')).toBe('4.0\n')
    await repl[Symbol.asyncDispose]()
    await expectUndisturbed(program, [[3, 1, 2], true, 'global'])
  })

  test('in another thread, by its name, which the session’s own does not take over', async () => {
    const program = await startTarget(interpreter, 'busy_thread.py')
    await using target = await attach(program.pid)
    await using repl = await open(target, { thread: 'worker' })
    expect(await shown(repl, 'import threading; threading.current_thread().name')).toBe("'worker'\n")
    expect(await shown(repl, '_[::-1]')).toBe("'rekrow'\n")
    expect(repl.threads().map(({ name }) => name)).toEqual(['MainThread', 'worker', 'remora'])
    await repl[Symbol.asyncDispose]()
    await expectUndisturbed(program, true)
  })

  test('a server under load answers all, while lines run and await', async () => {
    const program = await startTarget(interpreter, 'server.py')
    const port = Number(await program.says('port'))
    await using target = await attach(program.pid)
    const load = new Load(port)
    await load.more(20)
    await using repl = await open(target)
    await load.more(20)
    for (let round = 0; round < 25; round++) {
      expect(await shown(repl, `x = ${round}; await asyncio.sleep(0.002, x)`)).toBe(`${round}\n`)
      expect(await shown(repl, 'x')).toBe(`${round}\n`)
    }
    await repl[Symbol.asyncDispose]()
    expect(await load.stop()).toEqual({ lost: 0, wrong: 0 })
    await expectUndisturbed(program, true)
  })

  test('a program that forks: the child has nothing of the session', async () => {
    const program = await startTarget(interpreter, 'forking.py')
    await using target = await attach(program.pid)
    await using repl = await open(target)
    await shown(repl, 'x = 1')
    program.type('')
    expect(await program.says('child')).toEqual({ threads: 1, stdout: 'TextIOWrapper' })
    expect(await shown(repl, 'x')).toBe('1\n')
    const inLine =
      'import os\npid = os.fork()\nif pid == 0: os._exit(7)\nos.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])'
    // Debug builds show that warning of any file.
    expect(await shown(repl, inLine)).toMatch(/^7\n/)
    await repl[Symbol.asyncDispose]()
    const { result, fingerprint, exit } = await program.finish()
    expect([result, exit]).toEqual([1, 0])
    // The interpreter counts the session's thread, and the file that forks is the program's main one: see docs/repl.md.
    expect(program.stderr).toBe(
      `${programPath('forking.py')}:17: DeprecationWarning: This process (pid=${program.pid}) is multi-threaded, ` +
        'use of fork() may lead to deadlocks in the child.\n  pid = os.fork()\n',
    )
    expectUnchanged(program.before, fingerprint, importedBy(interpreter, IMPORTS))
  })

  test('a program that ends', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    await using target = await attach(program.pid)
    await using repl = await open(target)
    const { outcome } = await repl.run('import os; os._exit(3)')
    expect([outcome, await program.exited()]).toEqual(['exited', 3])
    await expect(repl.run('1')).rejects.toMatchObject({ code: 'TARGET_EXITED' })
  })

  test('the commands with a colon, from a pipe', async () => {
    const program = await startTarget(interpreter, 'evaluated.py')
    const input = ':threads\n:frames\n:use 10\n:source\ndepth in (8, 9)\n:use\nlevel\n'
    const { code, stdout, complaints } = await remora(['repl', program.pid], { input })
    expect([code, complaints]).toEqual([0, ''])
    const place = String.raw`\(/.*/evaluated\.py:\d+\)`
    const expected = [
      String.raw`\* ${program.pid}  MainThread\n  \d+  remora\n`,
      // The generator of the innermost call runs at moments.
      String.raw`(?: *\d+  numbers ${place}\n)? *\d+  work ${place}\n(?: *\d+  fall ${place}\n){21} *\d+  <module> ${place}\n`,
      String.raw`using fall ${place}\n(?:.*\n)*.*def fall\(depth\):\n(?:.*\n)*True\n`,
      String.raw`lines see the variables of the frame that they run in\n'global'\n`,
    ]
    expect(stdout).toMatch(new RegExp(`^${expected.join('')}$`))
    await expectUndisturbed(program, [[3, 1, 2], true, 'global'])
  })

  test('a script of lines from a pipe ends at its first failure', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const input = 'x = 2\nfor i in range(2):\n    print(i)\n\n    print("-")\nelse:\n    print("end")\nx\n'
    const whole = await remora(['repl', program.pid], { input: `${input}def f():\n    return x\nf() + 1` })
    expect(whole).toMatchObject({ code: 0, stdout: '0\n-\n1\n-\nend\n2\n3\n', complaints: '' })
    const failing = await remora(['repl', program.pid], { input: 'x = 1\nif x:\n    1/0\nprint("never")\n' })
    expect(failing).toMatchObject({ code: 1, stdout: '' })
    expect(failing.stderr).toMatch(/ZeroDivisionError: division by zero\n$/)
    const cut = await remora(['repl', program.pid, '--json'], { input: '1\n(1,' })
    const documents = cut.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect([cut.code, documents.map(({ schema, outcome }) => `${schema} ${outcome}`)]).toEqual([
      1,
      ['remora.repl/1 completed', 'remora.repl/1 raised'],
    ])
    expect(await remora(['repl', program.pid], { input: ':help\nexit()\n1/0' })).toMatchObject({
      code: 0,
      complaints: '',
    })
    await expectUndisturbed(program, true)
  })
})
