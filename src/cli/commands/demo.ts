// `remora demo`, the job of `npm start`: an example program that knows nothing of Remora waits for input; a script is
// asked for, has to wait, and shows the program's own stack once the program moves. Then both go their ways.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { RemoraError } from '../../errors/remora-error.js'
import { attach } from '../../session/attach.js'
import type { ExecDocument, ThreadActivityInfo } from '../../session/documents/index.js'
import { describeActivity } from '../../session/words/activity-words.js'
import { type Command, type Invocation, stringOption } from '../command.js'
import { findPython, pythonNames } from '../find-python.js'
import { mainOf } from '../run-command.js'
import type { Terminal } from '../terminal/terminal.js'

const command: Command = {
  name: 'demo',
  usage: '',
  description: 'Starts examples/adder.py, asks it to run examples/print_stack.py, and shows what each of them says.',
  options: { python: { type: 'string', placeholder: 'PATH', description: 'the CPython to show it on' } },
  examples: ['remora demo'],
  run,
}

export const main = mainOf(command)

const PROGRAM = 'adder.py'
const SCRIPT = 'print_stack.py'

async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  const python = stringOption(invocation, 'python') ?? findPython()
  if (python === undefined) {
    throw new RemoraError('NO_PYTHON', `there is no ${pythonNames.join(' or ')} to show anything on`)
  }
  const program = new ExampleProgram(python, terminal)
  try {
    await show(program, terminal)
    return 0
  } finally {
    program.stop()
  }
}

async function show(program: ExampleProgram, { writeOut, style }: Terminal): Promise<void> {
  const say = (text: string): Promise<void> => writeOut(`${style('bold', text)}\n`)

  await say(`Starting examples/${PROGRAM}, a program that adds up numbers and knows nothing of Remora.`)
  await program.line(/runs as process/)

  await using target = await attach(program.pid)
  await say(`\nAttached to process ${target.pid}: CPython ${target.python.version}. Nothing in it has changed.`)
  await say(`Asking it to run examples/${SCRIPT} at its next safe point.`)

  let result: Promise<ExecDocument> | undefined
  const doing = await new Promise<string>((resolve) => {
    const onWaiting = (activity: ThreadActivityInfo): void => resolve(describeActivity(activity))
    const filename = `examples/${SCRIPT}`
    result = target.exec(fs.readFileSync(example(SCRIPT)), { filename, timeoutMs: 60_000, onWaiting })
    result.then(({ outcome }) => resolve(outcome))
  })
  await writeOut(`  The request is pending: the program is ${doing}.\n`)
  await writeOut('  Until that returns, CPython runs no Python code there, and so no script either.\n')

  await say('\nFeeding the program the number 40, as its user would:')
  program.type('40')
  const { stdout, timing, outcome } = await (result as Promise<ExecDocument>)
  await program.line(/total: 40/)

  await say(
    `\nThe script ${outcome}, after waiting ${(timing.pendingMs / 1000).toFixed(1)} s. It came back with this stack:`,
  )
  await writeOut(indent(stdout))
  await writeOut('  Its last lines are the script itself; all above are frames of the program that it interrupted.\n')

  await say('\nAnd the program? It goes on as if nothing had been:')
  program.type('2')
  await program.line(/total: 42/)
  await say(`\nTry it on a process of your own: remora exec PID examples/${SCRIPT}`)
}

/** The adder, its output shown line by line. */
class ExampleProgram {
  readonly #child
  readonly #lines: AsyncIterator<string>
  readonly #terminal: Terminal

  constructor(python: string, terminal: Terminal) {
    this.#terminal = terminal
    this.#child = spawn(python, [example(PROGRAM)], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = readline.createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** Shows the program's lines up to the first one that matches. */
  async line(expected: RegExp): Promise<void> {
    for (;;) {
      const { done, value } = await this.#lines.next()
      if (done) throw new RemoraError('TARGET_EXITED', `the example program ended before it printed ${expected}`)
      await this.#terminal.writeOut(`  ${this.#terminal.style('cyan', `${PROGRAM}:`)} ${value}\n`)
      if (expected.test(value)) return
    }
  }

  type(text: string): void {
    this.#child.stdin.write(`${text}\n`)
  }

  stop(): void {
    this.#child.stdin.end()
  }
}

function example(name: string): string {
  return path.join(import.meta.dirname, '../../../examples', name)
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ')
}
