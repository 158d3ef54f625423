// What `remora`, `remora --help` and `remora --version` print, and the answer to a word that is no command.

import fs from 'node:fs'
import path from 'node:path'
import { RemoraError } from '../../errors/remora-error.js'
import { tellFailure } from '../run-command.js'
import { summaries } from '../summaries.js'
import { openTerminal, type Terminal } from '../terminal/terminal.js'

export async function showOverview(word: string, { json }: { json: boolean }): Promise<number> {
  const terminal = openTerminal()
  return tellFailure(terminal, { json }, async () => {
    await terminal.writeOut(toText(word, terminal))
    return 0
  })
}

function toText(word: string, terminal: Terminal): string {
  if (word === '--version' || word === '-V') return `remora ${readVersion()}\n`
  if (word === '--help' || word === '-h' || word === 'help') return overview(terminal)
  throw new RemoraError('USAGE', `there is no command ${word}`)
}

function overview({ style }: Terminal): string {
  const width = Math.max(...Object.keys(summaries).map((name) => name.length))
  const list = Object.entries(summaries).map(([name, summary]) => `  ${style('bold', name.padEnd(width))}  ${summary}`)
  return [
    'Remora attaches to a running Python process that nobody prepared, and leaves without a trace.',
    '',
    'Usage: remora <command> [<target>] …',
    '',
    ...list,
    '',
    'A target is a PID, :PORT (the process that listens there), or a word of its command line.',
    'Help for one command, with an example: remora exec --help',
    '',
  ].join('\n')
}

function readVersion(): string {
  const file = path.join(import.meta.dirname, '../../../package.json')
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version
}
