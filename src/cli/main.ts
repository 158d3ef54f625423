// The entry of the command line: finds the command by its name and runs it. Commands are loaded when they are needed,
// as starting Node and loading code is most of what a short command costs.

import type { Command } from './command.js'
import { openTerminal } from './terminal.js'

const commands: Readonly<Record<string, { summary: string; load: () => Promise<{ command: Command }> }>> = {
  ps: { summary: 'list the Python processes of this machine', load: () => import('./commands/ps.js') },
  doctor: { summary: 'say what would stop an attach, and what mends it', load: () => import('./commands/doctor.js') },
  exec: { summary: 'run a script in a process, at a safe point', load: () => import('./commands/exec.js') },
  demo: { summary: 'start an example process and show the above on it', load: () => import('./commands/demo.js') },
}

async function main(words: readonly string[]): Promise<number> {
  const terminal = openTerminal()
  const [name = '--help', ...rest] = words
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (entry !== undefined) {
    const [{ command }, { runCommand }] = await Promise.all([entry.load(), import('./run-command.js')])
    return runCommand(command, rest, terminal)
  }
  const { showOverview } = await import('./overview.js')
  return showOverview(name, commands, terminal)
}

main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode
})
