// What begins with a colon is for Remora, not for Python, where no statement does.

import { RemoraError } from '../../errors/remora-error.js'
import type { ChosenFrame, Repl } from '../../session/run/repl.js'
import { escapeControls } from '../../session/words/escape-controls.js'
import type { Terminal } from '../terminal/terminal.js'

interface ColonCommand {
  readonly usage: string
  readonly summary: string
  /** Text to show. */
  readonly run: (repl: Repl, word: string, terminal: Terminal) => Promise<string> | string
}

const colonCommands: Readonly<Record<string, ColonCommand>> = {
  frames: { usage: ':frames', summary: 'the calls of the thread, innermost first', run: showFrames },
  threads: { usage: ':threads', summary: 'the threads of the process', run: showThreads },
  use: {
    usage: ':use [N]',
    summary: 'choose frame N, to see and assign its variables; without N, none',
    run: useFrame,
  },
  source: { usage: ':source', summary: 'the lines around where that frame is', run: showSource },
  help: { usage: ':help', summary: 'this list', run: showHelp },
}

/** @throws RemoraError `USAGE` for a command that is none. */
export async function runColonCommand(repl: Repl, line: string, terminal: Terminal): Promise<string> {
  const [, name = '', word = ''] = /^:(\w*)\s*(.*?)\s*$/.exec(line) ?? []
  const command = Object.hasOwn(colonCommands, name) ? colonCommands[name] : undefined
  if (command === undefined) throw new RemoraError('USAGE', `there is no :${name}; see :help`, { command: 'repl' })
  return command.run(repl, word, terminal)
}

function showFrames(repl: Repl, _word: string, { style }: Terminal): string {
  const frames = repl.frames()
  if (frames.length === 0) return 'no frames: lines run in a thread of their own\n'
  const width = String(frames.length - 1).length
  return frames
    .map((frame, number) => {
      const place = escapeControls(`${frame.file}:${frame.line ?? '?'}`)
      return `${String(number).padStart(width)}  ${style('cyan', escapeControls(frame.qualifiedName))} (${place})\n`
    })
    .join('')
}

function showThreads(repl: Repl): string {
  const here = repl.thread.nativeId
  return repl
    .threads()
    .map(({ nativeId, name }) => `${nativeId === here ? '*' : ' '} ${nativeId}  ${escapeControls(name)}\n`)
    .join('')
}

async function useFrame(repl: Repl, word: string): Promise<string> {
  if (word !== '' && !/^\d{1,6}$/.test(word)) {
    throw new RemoraError('USAGE', `:use takes the number of a frame, not ${word}`, { command: 'repl' })
  }
  const frame = await repl.use(word === '' ? undefined : Number(word))
  return frame === undefined ? 'lines see the variables of the frame that they run in\n' : `using ${placeOf(frame)}\n`
}

function showSource(repl: Repl, _word: string, { style }: Terminal): string {
  const source = repl.source()
  if (source === undefined || source.lines.length === 0) return 'the source of that frame cannot be read\n'
  const { place, lines } = source
  const width = String(lines.at(-1)?.[0]).length
  const shown = lines.map(([number, text]) => {
    const line = `${number === place.line ? '>' : ' '} ${String(number).padStart(width)}  ${escapeControls(text)}`
    return `${number === place.line ? style('bold', line) : line}\n`
  })
  return `${placeOf(place)}\n${shown.join('')}`
}

function showHelp(): string {
  const rows = Object.values(colonCommands).map(({ usage, summary }) => `${usage.padEnd(9)}  ${summary}\n`)
  return `${rows.join('')}Ctrl-C interrupts a line, Ctrl-D leaves; the program goes on either way.\n`
}

function placeOf({ qualifiedName, file, line }: ChosenFrame): string {
  return escapeControls(`${qualifiedName} (${file}:${line})`)
}
