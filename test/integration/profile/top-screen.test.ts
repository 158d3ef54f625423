// `remora top` in a real terminal, with a person at it: what the screen shows, what keys do, and that the terminal is
// given back as it was, whatever ends it.

import fs from 'node:fs'
import { spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { anyInterpreter, interpreters } from '../../harness/interpreters.js'
import { cliPath } from '../../harness/remora.js'
import { keys, openScreen, Screen } from '../../harness/screen.js'
import { programPath, startTarget, type TestTarget } from '../../harness/target.js'

describe.each(interpreters.filter(({ debug }) => !debug))('$name', (interpreter) => {
  test('the screen, page by page', async () => {
    const program = await startTarget(interpreter, 'workloads.py', { arguments: ['split'] })
    const screen = openScreen(['top', program.pid], { columns: 200, rows: 16 })
    await screen.until(/seventy[\s\S]*thirty/)
    // Which others are seen in the first second differs.
    screen.enter('/ty')
    await untilGolden(
      screen,
      [
        'PID PATH/workloads.py split (Python VERSION)',
        'CPU ~ # % GIL ~ # % rate ~ # Hz 1 thread Remora # %',
        '[1 functions] 2 lines 3 threads 4 tasks wall, # s, by self filter ty',
        '',
        ' self total function defined at',
        '> # % # % seventy workloads.py:31',
        ' # % # % thirty workloads.py:37',
        ...Array(8).fill(''),
        '? help s sort m mode / filter Enter open Escape back p pause q quit',
      ].join('\n'),
    )
    screen.type('2')
    await untilGolden(screen, /\[2 lines\][\s\S]*\n> # % # % workloads\.py:33 seventy\n/)
    screen.enter('/\x7f\x7f')
    screen.type('3')
    await untilGolden(
      screen,
      /\[3 threads\][\s\S]*\n> # % # % PID MainThread .*\n\nStack of MainThread, innermost call first\n(.*\n)* split \(PATH/,
    )
    screen.type(keys.tab)
    await screen.until(/\[4 tasks\][\s\S]*There are no asyncio tasks/)
    await quit(screen, program)
  })
})

describe('keys', () => {
  test('a function opens as its source, and Escape closes it', async () => {
    const { screen, program } = await openTop('split')
    screen.enter('/thirty')
    await screen.until(/filter thirty[\s\S]*> .*thirty/)
    screen.type(keys.enter)
    await screen.until(/Escape back {2}arrows/)
    // A busy machine may need a while until that line has been seen.
    await untilGolden(
      screen,
      /\n 37 def thirty\(duration\):\n[\s\S]*\n # % # % ~ 39 while time\.perf_counter\(\) < end:\n/,
    )
    screen.type('\x1b')
    await screen.until(/defined at/)
    await quit(screen, program)
  })

  test('the mode, the sorting and a filter', async () => {
    const { screen, program } = await openTop('sleepers')
    // The first looks of a second that has just begun may have found nobody on a CPU yet.
    await screen.until(/wall,[\s\S]*> .*doze/)
    // The base of all threads but one is on more stacks than what any of them does.
    screen.type('s')
    await screen.until(/wall,.*by total[\s\S]*> .*Thread\./)
    screen.type('s', 'm')
    await screen.until(/cpu,.*by self[\s\S]*> .*compute/)
    screen.type('/COMPUTE')
    await screen.until(/filter: COMPUTE_/)
    expect(rowsOf(screen.text)).toEqual([expect.stringContaining('compute')])
    screen.type('\x7f\x7f\x7f\x7f\x7f\x7f\x7fnothing')
    await screen.until(/Nothing contains the filter/)
    screen.type('\x1b')
    await screen.until(/compute[\s\S]*\? help/)
    await quit(screen, program)
  })

  test('a thread is picked, and let go', async () => {
    const { screen, program } = await openTop('sleepers')
    screen.type('3')
    // By CPU, so the worker comes first.
    await screen.until(/> .*worker[\s\S]*Stack of worker/)
    screen.type(keys.enter)
    expect(await screen.until(/\[1 functions\].*only worker/)).not.toContain('doze')
    screen.type('\x1b')
    await screen.until(/doze/)
    screen.type('>')
    await screen.until(/only MainThread/)
    screen.type('<')
    await screen.until(/by self\n/)
    await quit(screen, program)
  })

  test('it stands still, and goes on', async () => {
    const { screen, program } = await openTop('split')
    screen.type('p')
    const paused = await screen.until(/PAUSED/)
    // Another page and back: all of it is drawn again, and is the same as before.
    screen.type('2')
    await screen.until(/\[2 lines/)
    screen.type('1')
    const again = await screen.until(/\[1 functions/)
    const still = (text: string): string => text.replace(/Remora.*/, '')
    expect(still(again)).toBe(still(paused))
    screen.type(' ')
    await screen.until(/by self\n/)
    await quit(screen, program)
  })

  test('tasks are listed', async () => {
    const { screen, program } = await openTop('tasks')
    screen.type('4')
    const text = await screen.until(/\[4 tasks\][\s\S]*waiting[\s\S]*large/)
    for (const name of ['Task-1', 'large', 'small', 'waiting']) expect(rowsOf(text).join('\n')).toContain(name)
    expect(text).toContain('4 tasks')
    await quit(screen, program)
  })

  test('help, and arrows', async () => {
    const { screen, program } = await openTop('split')
    screen.type('?')
    await screen.until(/Ctrl-C {6}quit/)
    screen.type('?')
    await screen.until(/> .*seventy.*\n.*thirty/)
    screen.type(keys.down)
    await screen.until(/> .*thirty/)
    screen.type(keys.up)
    await screen.until(/> .*seventy/)
    await quit(screen, program)
  })
})

test('it fills the screen, whatever its size', async () => {
  const { screen, program } = await openTop('sleepers')
  for (const [columns, rows] of [
    [140, 40],
    [40, 8],
    [12, 3],
    [80, 24],
  ] as const) {
    screen.resize(columns, rows)
    // As many lines as there are, the last one drawn last, and cut where the screen ends.
    const footer = columns < 74 ? `.{${columns - 1}}…` : '.* q quit$'
    await screen.until(new RegExp(`^(?:.*\\n){${rows - 1}}(?=\\? help)${footer}`))
  }
  await quit(screen, program)
})

describe('the terminal is as before', () => {
  test.each([
    ['q', async ({ screen }: Shell) => screen.type('q'), '0'],
    ['Ctrl-C', async ({ screen }: Shell) => screen.type(keys.ctrlC), '0'],
    ['an interrupt from elsewhere', async ({ pid }: Shell) => void process.kill(pid, 'SIGINT'), '0'],
    ['SIGTERM', async ({ pid }: Shell) => void process.kill(pid, 'SIGTERM'), '143'],
    ['SIGQUIT', async ({ pid }: Shell) => void process.kill(pid, 'SIGQUIT'), '131'],
    ['SIGHUP', async ({ pid }: Shell) => void process.kill(pid, 'SIGHUP'), '129'],
    ['the end of the process', async ({ program }: Shell) => program.kill(), '0'],
  ])('after %s', async (_, act, code) => {
    const shell = await openShell()
    await act(shell)
    await expectRestored(shell, code)
  })

  test('in the background, and after it has come back', async () => {
    const shell = await openShell()
    shell.screen.type('\x1a')
    await shell.screen.until(/same, 148$/)
    shell.screen.enter('')
    await shell.screen.until(/> .*seventy/)
    shell.screen.type('q')
    await expectRestored(shell, '0', 2)
  })

  test('after an exception of its own', async () => {
    const shell = await openShell({
      NODE_OPTIONS: '--import "data:text/javascript,process.on(\'SIGUSR2\',()=>{throw 7})"',
    })
    process.kill(shell.pid, 'SIGUSR2')
    await expectRestored(shell, '1')
  })

  test('after the end of the process its last look stays', async () => {
    const shell = await openShell()
    await shell.program.kill()
    const text = await shell.screen.until(/The process has ended/)
    expect(text).toMatch(/seventy/)
    await expectRestored(shell, '0')
  })
})

const SIZE = { columns: 100, rows: 24 }

async function openTop(workload: string): Promise<{ screen: Screen; program: TestTarget }> {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: [workload] })
  const screen = openScreen(['top', program.pid, '--window', '60'], SIZE)
  await screen.until(/> .* %/)
  return { screen, program }
}

async function quit(screen: Screen, program: TestTarget): Promise<void> {
  screen.type('q')
  expect(await screen.exited()).toBe(0)
  const { fingerprint, exit } = await program.finish()
  expect([exit, program.stderr]).toEqual([0, ''])
  expectUnchanged(program.before, fingerprint)
}

interface Shell {
  readonly screen: Screen
  readonly program: TestTarget
  /** Of `remora`. */
  readonly pid: number
  /** All that was written to the terminal so far. */
  output(): string
}

/** A shell that runs `remora top`, and then tells its exit code and whether the terminal's settings are as before. */
async function openShell(env: Readonly<Record<string, string>> = {}): Promise<Shell> {
  const program = await startTarget(anyInterpreter, 'workloads.py', { arguments: ['split'] })
  const script = `
    set -m
    before=$(stty -g)
    check() { [ "$(stty -g)" = "$before" ] && echo "same, $1" || echo "other, $1"; }
    "$@"
    code=$?
    check $code
    [ $code != 148 ] || { read line; fg; check $?; }`
  const words = ['-c', script, 'sh', process.execPath, cliPath, 'top', String(program.pid)]
  const child = spawn('sh', words, {
    cols: SIZE.columns,
    rows: SIZE.rows,
    name: 'xterm-256color',
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', NO_COLOR: '1', ...env },
  })
  let output = ''
  child.onData((text) => {
    output += text
  })
  const terminal = new xterm.Terminal({ cols: SIZE.columns, rows: SIZE.rows, allowProposedApi: true })
  const screen = new Screen(child, terminal)
  onTestFinished(() => screen.kill())
  await screen.until(/> .*seventy/)
  const [pid] = fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').map(Number)
  return { screen, program, pid: pid as number, output: () => output }
}

async function expectRestored({ screen, output }: Shell, code: string, times = 1): Promise<void> {
  expect(await screen.until(/(same|other), \d+$/)).toMatch(new RegExp(`same, ${code}$`))
  // Cursor, wrapping and the screen itself.
  for (const mode of ['?25', '?7', '?1049']) {
    const switches = [...output().matchAll(new RegExp(`\\x1b\\[\\${mode}([hl])`, 'g'))].map(([, letter]) => letter)
    expect(switches, mode).toEqual(
      Array(times)
        .fill(mode === '?1049' ? ['h', 'l'] : ['l', 'h'])
        .flat(),
    )
  }
  expect(screen.text).not.toContain('[1 functions]')
}

/** The rows of the table: what stands between its heading and the footer. */
function rowsOf(text: string): string[] {
  const lines = text.split('\n')
  return lines.slice(5, -1).filter((line) => line.trim() !== '')
}

/** Waits until the screen, without what differs from run to run, is this or matches. */
async function untilGolden(screen: Screen, golden: string | RegExp): Promise<void> {
  await screen.until((text) => {
    const seen = toGolden(text)
    return typeof golden === 'string' ? seen === golden : golden.test(seen)
  })
}

/** What differs from run to run is replaced, and blanks count as one. */
function toGolden(text: string): string {
  return text
    .replaceAll(programPath('workloads.py'), 'PATH/workloads.py')
    .replace(/^\d+ .*PATH/, 'PID PATH')
    .replace(/% {2}\d{2,} /g, '%  PID ')
    .replace(/Python [\w.]+/, 'Python VERSION')
    .replace(/[\d.]+ (%|Hz|s\b)/g, '# $1')
    .replace(/[▁▂▃▄▅▆▇█▏▎▍▌▋▊▉]+/g, '~')
    .replace(/ +/g, ' ')
    .replace(/ $/gm, '')
}
