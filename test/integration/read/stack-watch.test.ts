// `remora stack --watch` in a real terminal: it shows what the program does now, in the place of what it did before, and
// leaves program and terminal as they were.

import { expect, test } from 'vitest'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { startRemora } from '../../harness/remora.js'
import { keys, openScreen } from '../../harness/screen.js'
import { startTarget } from '../../harness/target.js'

/** Lines are cut to the screen, and those with a file's name may be long. */
const WIDE = 500

test.each(interpreters)('$name: each look replaces the one before, until Ctrl-C', async (interpreter) => {
  const program = await startTarget(interpreter, 'turns.py')
  const screen = openScreen(['stack', program.pid, '--watch', '--interval', '0.05'], { columns: WIDE, rows: 30 })
  await screen.until(/in first_place\n/)
  for (const place of ['second_place', 'first_place', 'second_place']) {
    program.type('')
    // On its way there it runs, and may be seen to.
    const blocked = `^Thread ${program.pid} \\(MainThread\\): blocked in read on .*\n.*in ${place}\n`
    const text = await screen.until(new RegExp(blocked, 'm'))
    // One look, and nothing of the look before it, not even in the scrollback.
    expect(text.match(/^Process \d+:/gm)).toHaveLength(1)
    expect(text.match(/in (first|second)_place/g)).toHaveLength(1)
  }
  screen.type(keys.ctrlC)
  await screen.exited()
  const { fingerprint, exit } = await program.finish()
  expect([exit, program.stderr]).toEqual([0, ''])
  expectUnchanged(program.before, fingerprint)
})

const [interpreter] = interpreters as [(typeof interpreters)[number]]

test('what is longer than the screen is cut to it, also when the screen changes', async () => {
  const program = await startTarget(interpreter, 'turns.py', { arguments: ['20'] })
  const screen = openScreen(['stack', program.pid, '--watch', '--interval', '0.05'], { columns: WIDE, rows: 12 })
  const text = await screen.until(/… \d+ more lines$/)
  expect(text.split('\n')).toHaveLength(11)
  screen.resize(WIDE, 200)
  await screen.until(/in <module>\n.*\n.*$/)
  expect(screen.text).not.toContain('more lines')
  await program.finish()
})

test('it ends when the program does, and says so', async () => {
  const program = await startTarget(interpreter, 'turns.py')
  const screen = openScreen(['stack', program.pid, '--watch', '--interval', '0.05'], { columns: WIDE, rows: 30 })
  await screen.until(/in first_place\n/)
  await program.finish()
  expect(await screen.exited()).toBe(4)
  expect(screen.text).toMatch(/remora: .*(ended|exited|gone|no process)/)
})

test('where there is no terminal, each look is a document of its own', async () => {
  const program = await startTarget(interpreter, 'turns.py')
  const running = startRemora(['stack', program.pid, '--watch', '--json', '--interval', '0.01'])
  const lines = new Promise<string[]>((resolve) => {
    let text = ''
    running.child.stdout?.on('data', (piece: Buffer) => {
      text += piece.toString()
      if (text.split('\n').length > 3) resolve(text.split('\n').slice(0, 3))
    })
  })
  for (const line of await lines) expect(JSON.parse(line)).toMatchObject({ schema: 'remora.stack/1', consistent: true })
  running.child.kill('SIGINT')
  expect((await running.result).output.toString()).not.toContain('\x1b')
  await program.finish()
})
