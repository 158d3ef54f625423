// `remora pdb` as a person sees it, on a terminal: what is on the screen after each key.

import { expect, test } from 'vitest'
import { anyInterpreter } from '../../harness/interpreters.js'
import { answer, expectUndisturbed } from '../../harness/pdb.js'
import { keys, openScreen, type Screen, type ScreenOptions } from '../../harness/screen.js'
import { programPath, startTarget, type TestTarget } from '../../harness/target.js'

/** A program that has stopped at the beginning of `work`, and the screen, with short names of files. */
async function open(options: ScreenOptions = {}): Promise<{ program: TestTarget; screen: Screen; text: () => string }> {
  const program = await startTarget(anyInterpreter, 'rounds.py')
  const words = ['-c', 'tbreak work', '-c', 'c']
  const screen = openScreen(['pdb', program.pid, ...words], { columns: 200, ...options })
  await screen.until(/-> total = 0\n\(Pdb\)$/)
  return { program, screen, text: () => screen.text.replaceAll(programPath('rounds.py'), 'rounds.py') }
}

const START = `Breakpoint 1 at rounds.py:34
Deleted breakpoint 1 at rounds.py:34
> rounds.py(34)work()
-> total = 0
`

test('completion of commands, of names, of attributes, and in a block', async () => {
  const { program, screen, text } = await open()
  screen.type(`unal${keys.tab}`)
  await screen.until(/\(Pdb\) unalias$/)
  screen.type(`\x15p ite${keys.tab}`)
  await screen.until(/\(Pdb\) p items$/)
  screen.type(`[0].na${keys.tab}`)
  // pdb itself completes no subscripts.
  await screen.until(/\(Pdb\) p items\[0\]\.na$/)
  screen.type(`\x15p items.ap${keys.tab}`)
  await screen.until(/\(Pdb\) p items\.append/)
  screen.type('\x15')
  screen.enter('for item in items:')
  await screen.until(/\n\.\.\.$/)
  screen.type(`  ite${keys.tab}${keys.tab}`)
  await screen.until(/items\b.*\n\.\.\. +ite/)
  screen.type(keys.ctrlC)
  await screen.until(/--KeyboardInterrupt--\n\(Pdb\)$/)
  expect(text().startsWith(START)).toBe(true)
  screen.enter('q')
  expect(await screen.exited()).toBe(0)
  await expectUndisturbed(anyInterpreter, program)
})

test('history, and a block typed line by line', async () => {
  const { program, screen, text } = await open()
  await answer(screen, 'p 1')
  await answer(screen, 'p 2')
  screen.type(`${keys.up}${keys.up}`)
  await screen.until(/\(Pdb\) p 1$/)
  screen.type(`0${keys.enter}`)
  await screen.until(/\n10\n\(Pdb\)$/)
  screen.enter('if True:')
  await screen.until(/\n\.\.\.$/)
  screen.enter('  "yes"')
  await screen.until(/"yes"\n\.\.\.$/)
  screen.enter('')
  await screen.until(/'yes'\n\(Pdb\)$/)
  screen.type(keys.ctrlC)
  await screen.until(/--KeyboardInterrupt--\n\(Pdb\)$/)
  screen.enter('1 +* 2')
  await screen.until(/invalid syntax\n\(Pdb\)$/)
  expect(text()).toBe(`${START}(Pdb) p 1
1
(Pdb) p 2
2
(Pdb) p 10
10
(Pdb) if True:
...     "yes"
...
'yes'
(Pdb)
--KeyboardInterrupt--
(Pdb) 1 +* 2
*** SyntaxError: invalid syntax
(Pdb)`)
  screen.type(keys.ctrlD)
  expect(await screen.exited()).toBe(0)
  await expectUndisturbed(anyInterpreter, program)
})

test('a line longer than the screen wraps, and a new size of the window draws it anew', async () => {
  const { program, screen } = await open({ columns: 40, rows: 30 })
  const long = `p len("${'x'.repeat(60)}")`
  screen.type(long)
  await screen.until(/\(Pdb\) p len\("x{27}\nx{33}"\)$/)
  screen.resize(60, 30)
  await screen.until(/\(Pdb\) p len\("x{47}\nx{13}"\)$/)
  screen.enter(' + 1')
  await screen.until(/\n61\n\(Pdb\)$/)
  screen.enter('q')
  expect(await screen.exited()).toBe(0)
  await expectUndisturbed(anyInterpreter, program)
})

test('Ctrl-C at the prompt, during `while True: pass`, and while the program runs', async () => {
  const { program, screen, text } = await open()
  screen.type(`half a line${keys.ctrlC}`)
  await screen.until(/--KeyboardInterrupt--\n\(Pdb\)$/)
  // In one piece: between a text and its end, print() can be interrupted.
  screen.enter(String.raw`if print("on\n", end="") is None:`)
  await screen.until(/\n\.\.\.$/)
  screen.enter('  while True: pass')
  await screen.until(/pass\n\.\.\.$/)
  screen.enter('')
  await screen.until(/\non$/)
  screen.type(keys.ctrlC)
  await screen.until(/\*\*\* KeyboardInterrupt\n\(Pdb\)$/)
  screen.enter('c')
  // Until then it is pdb's own command that would be interrupted.
  await program.untilBlockedIn('pselect6', 'select')
  screen.type(keys.ctrlC)
  await screen.until(/\(Pdb\) c\n[\s\S]*nterrupt.*\n> [\s\S]*\n\(Pdb\)$/)
  expect(text().slice(0, text().lastIndexOf('(Pdb) c'))).toBe(`${START}(Pdb) half a line
--KeyboardInterrupt--
(Pdb) if print("on\\n", end="") is None:
...     while True: pass
...
on
*** KeyboardInterrupt
`)
  screen.enter('q')
  expect(await screen.exited()).toBe(0)
  await expectUndisturbed(anyInterpreter, program)
})

test('what is typed or pasted ahead waits for its prompt', async () => {
  const { program, screen } = await open()
  screen.type('p 1\rp 2\rp 3\r')
  await screen.until(/\n1\n[\s\S]*\n2\n[\s\S]*\n3\n\(Pdb\)$/)
  screen.enter('q')
  expect(await screen.exited()).toBe(0)
  await expectUndisturbed(anyInterpreter, program)
})

test('a long help goes to the pager, a short one does not', async () => {
  const { program, screen } = await open({ env: { PAGER: 'sed s/^/PAGED:/' } })
  await answer(screen, 'help pdb')
  expect(screen.text).toContain('PAGED:The Python Debugger Pdb')
  await answer(screen, 'help next')
  expect(screen.text).not.toMatch(/PAGED:.*Usage: n\(ext\)\n/)
  screen.enter('q')
  expect(await screen.exited()).toBe(0)
  await expectUndisturbed(anyInterpreter, program)
})

test('source lines have colours where the terminal has them', async () => {
  const program = await startTarget(anyInterpreter, 'rounds.py')
  const screen = openScreen(['pdb', program.pid, '-c', 'tbreak work', '-c', 'c'], { colour: true })
  await screen.until(/-> total = 0\n\(Pdb\)$/)
  expect(screen.isColoured(/-> total = 0/)).toBe(true)
  screen.enter('q')
  expect(await screen.exited()).toBe(0)
})

test.each([
  ['interact', 'interact', /\n>>>$/],
  ['the commands of a breakpoint', 'commands 2', /\n\(com\)$/],
  ['debug', 'debug nested(1)', /\n\(\(Pdb\)\)$/],
])('Ctrl-D leaves the prompt of %s, and not pdb', async (_what, command, inner) => {
  const { program, screen } = await open()
  await answer(screen, 'b check')
  screen.enter(command)
  await screen.until(inner)
  screen.type(keys.ctrlD)
  await screen.until(/\n\(Pdb\)$/)
  await answer(screen, 'p 6 * 7')
  expect(screen.text).toMatch(/\n42\n\(Pdb\)$/)
  screen.enter('q')
  expect(await screen.exited()).toBe(0)
  await expectUndisturbed(anyInterpreter, program)
})
