// `remora eval` on every interpreter: values, frames, assignments that the program itself notices, and `await`. Each
// program goes on as it would have and is unchanged in the end.

import { describe, expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import type { EvalDocument } from '../../../src/session/documents/index.js'
import type { EvalOptions } from '../../../src/session/run/eval.js'
import { withoutCheckout } from '../../harness/checkout.js'
import { expectUnchanged, importedBy } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { remora, startRemora } from '../../harness/remora.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

/** What the evaluations of this file import, the tracebacks of both kinds of error included. */
const IMPORTS = `
import _ast, asyncio, contextvars, traceback
for code in "nobody", "def f(:":
    try: exec(code)
    except Exception: traceback.format_exc()
`

describe.each(interpreters)('$name', (interpreter) => {
  const start = (...words: string[]): Promise<TestTarget> =>
    startTarget(interpreter, 'evaluated.py', { arguments: words })

  async function run({ pid }: TestTarget, expression: string, options: EvalOptions = {}): Promise<EvalDocument> {
    await using target = await attach(pid)
    return await target.eval(expression, { repr: true, ...options })
  }

  async function valueIn(program: TestTarget, expression: string, options: EvalOptions = {}): Promise<unknown> {
    const { outcome, error, repr } = await run(program, expression, options)
    expect([expression, outcome, error]).toEqual([expression, 'completed', undefined])
    return repr
  }

  async function tracebackIn(program: TestTarget, expression: string, options: EvalOptions = {}): Promise<string> {
    const { outcome, error, repr } = await run(program, expression, options)
    expect([expression, outcome, repr]).toEqual([expression, 'raised', undefined])
    const traceback = error?.traceback ?? ''
    expect(withoutCheckout(traceback)).not.toContain('remora')
    return traceback
  }

  async function expectUndisturbed(program: TestTarget, result: unknown): Promise<void> {
    const { result: said, fingerprint, exit } = await program.finish()
    expect([said, exit, program.stderr]).toEqual([result, 0, ''])
    expectUnchanged(program.before, fingerprint, importedBy(interpreter, IMPORTS))
  }

  const UNHARMED = [[3, 1, 2], true, 'global']

  test('the command line: a value, a failure, a document, a frame and a task that are not there', async () => {
    const program = await start()
    const cli = (...words: string[]) => remora(['eval', program.pid, ...words])
    expect(await cli('[Shown(), "\\x1b[2J"]')).toMatchObject({
      code: 0,
      stdout: "[shown by its own repr, '\\x1b[2J']\n",
      complaints: '',
    })
    expect(await cli('x_of_nobody = print("mine")')).toMatchObject({ code: 0, stdout: 'mine\n', complaints: '' })
    const failure = await cli('1/0')
    expect([failure.code, failure.stdout]).toEqual([1, ''])
    expect(failure.complaints).toBe(
      'Traceback (most recent call last):\n  File "<eval>", line 1, in <module>\n    1/0\n    ~^~\n' +
        'ZeroDivisionError: division by zero\n',
    )
    expect(JSON.parse((await cli('app.token', '--json')).stdout)).toMatchObject({
      schema: 'remora.eval/1',
      outcome: 'completed',
      value: { name: 'app.token', type: 'str', text: '<masked>' },
    })
    const frame = await cli('1', '--frame', '500')
    expect([frame.code, frame.stdout]).toEqual([2, ''])
    expect(frame.stderr).toMatch(/thread MainThread has \d+ frames, so there is no frame 500/)
    const task = await cli('1', '--task', 'nobody', '--json')
    expect([task.code, JSON.parse(task.stdout).code]).toEqual([2, 'TASK_NOT_FOUND'])
    await expectUndisturbed(program, UNHARMED)
  })

  test('the command line: a thread by its name and by its id, a task, a frame, limits and a time limit', async () => {
    const threads = await startTarget(interpreter, 'busy_thread.py')
    const worker = (await attach(threads.pid)).stack().threads.find(({ name }) => name === 'worker')
    for (const thread of ['worker', `${worker?.nativeId}`]) {
      const result = await remora(['eval', threads.pid, 'threading.current_thread().name', '--thread', thread])
      expect(result).toMatchObject({ code: 0, stdout: "'worker'\n", complaints: '' })
    }
    const tasks = await start('async')
    // It rests, and so its innermost call is the same at any time.
    const inTask = await remora(['eval', tasks.pid, '"func_name" in locals()', '--task', 'Task-1'])
    expect(inTask).toMatchObject({ code: 0, stdout: 'True\n', complaints: '' })
    const program = await start()
    const cli = (...words: string[]) => remora(['eval', program.pid, ...words])
    expect(await cli('depth in (8, 9)', '--frame', '10')).toMatchObject({ code: 0, stdout: 'True\n', complaints: '' })
    const { stdout } = await cli('list(range(100))', '--json', '--items', '3')
    expect(JSON.parse(stdout).value).toMatchObject({ type: 'list', truncated: true, children: { length: 3 } })
    // It is how long the expression may take to start, as well.
    const endless = await cli('[1 for _ in iter(int, 1)]', '--timeout', '2')
    expect([endless.code, endless.complaints]).toEqual([1, expect.stringMatching(/\nKeyboardInterrupt\n$/)])
    await expectUndisturbed(program, UNHARMED)
  })

  test('expressions have a value, statements none', async () => {
    const program = await start()
    const cases = [
      ['  6 * 7 ', '42'],
      ['(1 +\n 1)', '2'],
      ['None', 'None'],
      ['[n for n in range(3)]', '[0, 1, 2]'],
      ['if True: 5', undefined],
      ['x_of_nobody = 5\nassert x_of_nobody', undefined],
    ]
    for (const [expression = '', value] of cases) expect(await valueIn(program, expression)).toBe(value)
    await expectUndisturbed(program, UNHARMED)
  })

  test('names: the frame, its globals, the builtins, globals of __main__, modules; in functions, too', async () => {
    const program = await start('async')
    // The innermost frame is the selector's, whose globals know neither.
    const words = ['level', 'app.token', 'asyncio.__name__', '[level for _ in (1,)]', '(lambda: level)()', 'len((1,))']
    const values = []
    for (const word of words) values.push(await valueIn(program, word))
    expect(values).toEqual(["'global'", "'hush'", "'asyncio'", "['global']", "'global'", '1'])
    expect(await tracebackIn(program, 'levle')).toContain("NameError: name 'levle' is not defined")
    await expectUndisturbed(program, 2)
  })

  test('what is raised comes back as a traceback, without a line of ours', async () => {
    const program = await start()
    const failures = {
      '1/0': 'ZeroDivisionError',
      'next(iter([]))': 'StopIteration',
      'def f(:': 'SyntaxError',
      'exit(3)': 'SystemExit: 3',
      'type("R", (), {"__repr__": lambda self: self.nothing})()': 'AttributeError',
      'await nobody': 'RuntimeError: no event loop runs in this thread',
    }
    for (const [code, message] of Object.entries(failures)) expect(await tracebackIn(program, code)).toContain(message)
    await expectUndisturbed(program, UNHARMED)
  })

  test('assignments are the program’s own, in any frame', async () => {
    const program = await start()
    // The innermost frame is that of `work` but while its generator runs.
    const assign = 'assert "note" in locals(); note = "after"'
    while ((await run(program, assign)).outcome !== 'completed');
    expect(await program.says('note')).toBe('after')
    while ((await run(program, 'limit; limit = 11')).outcome !== 'completed');
    expect(await program.says('limit')).toBe(11)
    // It has said all that it has to say when `work` is the innermost again. Further out, all stand still.
    while ((await run(program, 'note')).outcome !== 'completed');
    const depth = Number(await valueIn(program, 'depth', { frame: 10 }))
    expect([8, 9]).toContain(depth)
    expect(await valueIn(program, 'sum(depth < 10 for _ in range(5))', { frame: 10 })).toBe('5')
    expect(await valueIn(program, 'global level; level = "changed"', { frame: 10 })).toBeUndefined()
    await expectUndisturbed(program, [[3, 1, 2], true, 'changed'])
  })

  test('the value as inspect shows it, with its limits and masks', async () => {
    const program = await start()
    const read = async (expression: string, options: EvalOptions = {}) =>
      (await run(program, expression, { repr: false, ...options })).value
    expect(await read('app')).toMatchObject({
      name: 'app',
      type: 'types.SimpleNamespace',
      children: [
        { name: 'config', text: "{'DEBUG': True}" },
        { name: 'token', text: '<masked>' },
        { name: 'handler', text: 'None' },
      ],
    })
    expect((await read('app.token', { mask: undefined }))?.text).toBe("'hush'")
    expect(await read('list(range(100))', { items: 3 })).toMatchObject({ truncated: true, children: { length: 3 } })
    expect(await read('level = level')).toBeUndefined()
    await expectUndisturbed(program, UNHARMED)
  })

  test('an endless expression is interrupted', async () => {
    const program = await start()
    const endless = '[1 for _ in iter(int, 1)]'
    expect(await tracebackIn(program, endless, { runTimeoutMs: 300 })).toMatch(/KeyboardInterrupt\n$/)
    await expectUndisturbed(program, UNHARMED)
  })

  describe('await', () => {
    test('is answered when it is done, and the loop goes on meanwhile', async () => {
      const program = await start('async')
      const waiting = valueIn(program, 'await vars(app).setdefault("event", asyncio.Event()).wait()')
      while ((await valueIn(program, 'hasattr(app, "event")')) !== 'True');
      expect(await valueIn(program, 'app.event.set()')).toBe('None')
      expect(await waiting).toBe('True')
      expect(await valueIn(program, '[await asyncio.sleep(0.001, n) for n in range(3)]')).toBe('[0, 1, 2]')
      const parts = 'asyncio.sleep(0.01, print("a")), asyncio.create_task(asyncio.sleep(0.01, print("b")))'
      expect(await run(program, `await asyncio.gather(${parts})`)).toMatchObject({
        stdout: 'a\nb\n',
        repr: '[None, None]',
      })
      await expectUndisturbed(program, 2)
    })

    test('raises, exits and is cancelled without harm to the loop', async () => {
      const program = await start('async')
      const failures = {
        '1/0': 'ZeroDivisionError: division by zero',
        'exit(3)': 'SystemExit: 3',
        'asyncio.current_task().cancel()': 'CancelledError',
      }
      for (const [part, message] of Object.entries(failures)) {
        expect(await tracebackIn(program, `await asyncio.sleep(0.001, ${part})`)).toContain(message)
      }
      await expectUndisturbed(program, 2)
    })

    test('is interrupted while it waits and while it computes', async () => {
      const program = await start('async')
      for (const expression of ['await asyncio.sleep(60)', 'await asyncio.sleep(0, [1 for _ in iter(int, 1)])']) {
        expect(await tracebackIn(program, expression, { runTimeoutMs: 300 })).toMatch(
          /^Traceback .*KeyboardInterrupt\n$/s,
        )
      }
      await expectUndisturbed(program, 2)
    })

    test('a client that is killed takes its task with it', async () => {
      const program = await start('async')
      const loop = 'while True: print("x", file=sys.stderr); await asyncio.sleep(0.01)'
      const { child, result, stderrMatches } = startRemora(['eval', program.pid, loop])
      await stderrMatches(/^x$/m)
      child.kill('SIGKILL')
      await result
      while ((await valueIn(program, 'len(asyncio.all_tasks())', { task: 'worker' })) !== '2');
      await expectUndisturbed(program, 2)
    })

    test('a loop that is left in between: the interruption undoes what was changed for it', async () => {
      const program = await startTarget(interpreter, 'leaving.py')
      await using target = await attach(program.pid)
      const interruption = new AbortController()
      let evaluation: Promise<EvalDocument> | undefined
      await new Promise<void>((begun) => {
        const options = { signal: interruption.signal, onOutput: () => begun() }
        evaluation = target.eval('print("begun"), await asyncio.sleep(60)', options)
      })
      program.type('')
      await program.says('left')
      interruption.abort()
      expect(await evaluation).toMatchObject({ outcome: 'raised', error: { type: 'KeyboardInterrupt' } })
      await expectUndisturbed(program, true)
    })

    test('in a task’s frame, whose variables are its own', async () => {
      const program = await start('async')
      /** While the task takes its step, its call may have none inside, or more than one, and nothing has been changed. */
      const inWorker = async (expression: string): Promise<unknown> => {
        try {
          const { outcome, error, repr } = await run(program, expression, { task: 'worker', frame: 1 })
          if (error?.type === 'NameError') return inWorker(expression)
          expect([outcome, error]).toEqual(['completed', undefined])
          return repr
        } catch (error) {
          if ((error as { code?: string }).code === 'FRAME_NOT_FOUND') return inWorker(expression)
          throw error
        }
      }
      expect(await inWorker('limit')).toBe('10')
      expect(await inWorker('(limit := limit + await asyncio.sleep(0.01, 1))')).toBe('11')
      expect(await program.says('limit')).toBe(11)
      await expectUndisturbed(program, 2)
    })
  })
})
