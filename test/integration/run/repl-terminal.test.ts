// `remora repl` as a person sees it: keys into a real terminal, and what then stands on its screen.

import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { expectUnchanged, importedBy } from '../../harness/fingerprint.js'
import { expectGolden } from '../../harness/golden.js'
import { anyInterpreter } from '../../harness/interpreters.js'
import { keys, openScreen, type Screen } from '../../harness/screen.js'
import { startTarget, type TestTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

const IMPORTS = 'import _ast, traceback\ntry: nobody\nexcept NameError: traceback.format_exc()'

interface Visit {
  readonly program: TestTarget
  readonly screen: Screen
  readonly state: string
}

async function visit(options: { columns?: number; rows?: number; state?: string } = {}): Promise<Visit> {
  const program = await startTarget(anyInterpreter, 'evaluated.py')
  const state = options.state ?? temporaryDirectory()
  return { program, state, screen: await openRepl(program, { ...options, state }) }
}

async function openRepl(
  program: TestTarget,
  { columns = 60, rows = 16, state }: { columns?: number; rows?: number; state: string },
): Promise<Screen> {
  const screen = openScreen(['repl', program.pid], { columns, rows, colour: true, env: { XDG_STATE_HOME: state } })
  // However often the greeting wraps: it names the program by its path.
  await screen.until(/\n>>> █$/)
  return screen
}

/** Types a line and waits for the next prompt, which is the one behind `ends`. */
async function enter(screen: Screen, line: string, ends: string | RegExp): Promise<void> {
  screen.type(line, keys.enter)
  await screen.until(typeof ends === 'string' ? `${ends}\n>>> █` : ends)
}

async function leave({ program, screen }: Visit): Promise<void> {
  screen.type(keys.ctrlD)
  expect(await screen.exited()).toBe(0)
  const { result, fingerprint, exit } = await program.finish()
  expect([result, exit, program.stderr]).toEqual([[[3, 1, 2], true, 'global'], 0, ''])
  expectUnchanged(program.before, fingerprint, importedBy(anyInterpreter, IMPORTS))
}

/** What comes after the greeting, which names the process. */
const afterGreeting = (text: string): string => text.slice(text.indexOf('>>> '))

test('values, blocks, tracebacks, history and the commands with a colon', async () => {
  const { program, screen, state } = await visit({ columns: 500, rows: 50 })
  await enter(screen, 'x = 6', 'x = 6')
  await enter(screen, 'x * 7', '42')
  screen.type('for n in range(2):', keys.enter)
  await screen.until(/2\):\n\.\.\. █$/)
  screen.type('    print(n, level)', keys.enter)
  await screen.until(/level\)\n\.\.\. █$/)
  await enter(screen, '', '1 global')
  await enter(screen, 'def half(n): return n / 0', /n \/ 0\n\.\.\. █$/)
  await enter(screen, '', '... ')
  await enter(screen, 'half(x)', 'ZeroDivisionError: division by zero')
  await enter(screen, ':use 10', /evaluated.py:\d+\)\n>>> █$/)
  await enter(screen, 'depth in (8, 9)', 'True')
  await enter(screen, ':nothing', 'See: remora repl --help')
  await enter(screen, ':help', 'goes on either way.')
  screen.type(keys.up, keys.up, keys.up)
  await screen.until('>>> depth in (8, 9)█')
  screen.type(keys.up, keys.up, keys.up)
  await screen.until('>>> def half(n): return n / 0█')
  screen.type(keys.ctrlC)
  await screen.until('KeyboardInterrupt\n>>> █')
  expectGolden(afterGreeting(screen.textWithCursor), 'repl-lines', [[/\(.*evaluated\.py:\d+\)/g, '(FILE:LINE)']])
  await leave({ program, screen, state })
})

test('history is kept for the next session, in a file that only its user reads', async () => {
  const { program, screen, state } = await visit()
  await enter(screen, '"the first session"', "'the first session'")
  screen.type(keys.ctrlD)
  await screen.exited()
  const file = path.join(state, 'remora', 'repl-history')
  expect(fs.readFileSync(file, 'utf8')).toBe('"the first session"\n')
  expect(fs.statSync(file).mode & 0o777).toBe(0o600)
  const next = await openRepl(program, { state })
  next.type(keys.up)
  await next.until('>>> "the first session"█')
  await enter(next, '', "'the first session'")
  await leave({ program, screen: next, state })
})

test('completion: what goes on in one way, in several, and not at all', async () => {
  const { program, screen, state } = await visit()
  screen.type('app.con')
  await screen.until('app.con█')
  screen.type(keys.tab)
  await screen.until('>>> app.config█')
  await enter(screen, '', "{'DEBUG': True}")
  await enter(screen, 'app_of_mine = 1', 'app_of_mine = 1')
  screen.type('ap')
  await screen.until('>>> ap█')
  // What all have in common is added, and the next Tab lists them.
  screen.type(keys.tab)
  await screen.until('>>> app█')
  screen.type(keys.tab)
  await screen.until(/app {2,}app_of_mine\s+>>> app█$/)
  screen.type('.nothing.')
  await screen.until('app.nothing.█')
  screen.type(keys.tab, keys.ctrlC)
  await screen.until('>>> app.nothing.\nKeyboardInterrupt\n>>> █')
  await leave({ program, screen, state })
})

test('colour, as it changes with what stands before', async () => {
  const { program, screen, state } = await visit()
  screen.type('return f"text" + None + 17 # note')
  await screen.until('note█')
  const [bold, green, yellow, plain, dim] = [-2, 2, 3, -1, -3]
  expect(screen.colours).toEqual([
    ['>>>', plain],
    ['return', bold],
    ['f"text"', green],
    ['+', plain],
    ['None', yellow],
    ['+', plain],
    ['17', yellow],
    ['# note', dim],
  ])
  screen.type(keys.home, '"')
  await screen.until('>>> "█eturn f"text" + None + 17 # note')
  expect(screen.colours.slice(0, 3)).toEqual([
    ['>>>', plain],
    ['"return f"', green],
    ['text', plain],
  ])
  screen.type(keys.ctrlC)
  await screen.until('KeyboardInterrupt\n>>> █')
  await leave({ program, screen, state })
})

test('a line that wraps is edited, and stays whole when the window changes', async () => {
  const { program, screen, state } = await visit({ columns: 40 })
  const text = `"${'0123456789'.repeat(7)}"`
  screen.type(text)
  await screen.until('9"█')
  screen.type(keys.home, 'u')
  await screen.until(/>>> u█0123456789/)
  expectGolden(afterGreeting(screen.textWithCursor), 'repl-wrapped')
  screen.resize(30, 16)
  screen.type(keys.end, keys.backspace, '!"')
  await screen.until('!"█')
  await enter(screen, '', "0123456789!'")
  expect(screen.text.replaceAll('\n', '')).toContain(`'${'0123456789'.repeat(7)}!'`)
  await leave({ program, screen, state })
})

test('lines that are pasted run one after the other', async () => {
  const { program, screen, state } = await visit()
  screen.type('def twice(n):\r    return 2 * n\r\rif True:\r    y = twice(21)\r\ry\r')
  await screen.until(/\n42\n>>> █$/)
  await leave({ program, screen, state })
})

test('Ctrl-C ends an endless line, and not the program', async () => {
  const { program, screen, state } = await visit()
  screen.type('while True: print("on", end=""); y = 1', keys.enter)
  await screen.until(/y = 1\n\.\.\. █$/)
  screen.type(keys.enter)
  await screen.until(/ononon/)
  screen.type(keys.ctrlC)
  await screen.until(/KeyboardInterrupt\n>>> █$/)
  await enter(screen, 'y', '1')
  await leave({ program, screen, state })
})

test('a program that ends while the prompt stands', async () => {
  const { program, screen } = await visit()
  await program.kill()
  screen.type('1', keys.enter)
  expect(await screen.exited()).toBe(4)
  expect(screen.text).toContain('Start it again, or list what is running with: remora ps')
})
