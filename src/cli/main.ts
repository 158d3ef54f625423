// The entry of the command line: finds the command by its name and runs it. Commands are loaded when they are needed,
// as starting Node and loading code is most of what a short command costs.

import { loadCommand } from './load-command.js'

/** What each is for; each is a file of its own in the built package. */
const commands: Readonly<Record<string, string>> = {
  ps: 'list the Python processes of this machine',
  doctor: 'say what would stop an attach, and what mends it',
  tasks: 'show the asyncio tasks of a process and who awaits whom',
  stack: 'show what all threads are doing, and why each one waits',
  inspect: 'show a value of a process by its path, without running code in it',
  record: 'profile a process: where its time goes, by sampling its stacks',
  top: 'watch a process live: its functions, lines, threads and tasks',
  convert: 'write a recording in a format that other tools read',
  exec: 'run a script in a process, at a safe point',
  eval: 'evaluate an expression in a frame of a process, at a safe point',
  repl: 'open a prompt in a process, which goes on between the lines',
  trace: 'watch lines, calls and exceptions through probes that never stop the process',
  pdb: 'debug a process with its own pdb, attached',
  demo: 'start an example process and show the above on it',
}

async function main([name = '--help', ...rest]: readonly string[]): Promise<number> {
  if (Object.hasOwn(commands, name)) return loadCommand(`./commands/${name}.cjs`).main(rest)
  const { showOverview } = loadCommand<typeof import('./commands/overview.js')>('./commands/overview.cjs')
  return showOverview(name, commands, { json: rest.includes('--json') })
}

main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode
  // Nothing is left to wait for: else Node would only tidy its memory before it ends, 3 % of a short command.
  if (process.getActiveResourcesInfo().length === 0) process.exit()
})
