// The entry of the command line: finds the command by its name and runs it. Commands are loaded when they are needed,
// as starting Node and loading code is most of what a short command costs.

interface CommandEntry {
  readonly summary: string
  readonly load: () => Promise<{ main: (words: readonly string[]) => Promise<number> }>
}

// Each of these is a file of its own in the built package.
const commands: Readonly<Record<string, CommandEntry>> = {
  ps: { summary: 'list the Python processes of this machine', load: () => import('./commands/ps.js') },
  doctor: { summary: 'say what would stop an attach, and what mends it', load: () => import('./commands/doctor.js') },
  tasks: {
    summary: 'show the asyncio tasks of a process and who awaits whom',
    load: () => import('./commands/tasks.js'),
  },
  stack: {
    summary: 'show what all threads are doing, and why each one waits',
    load: () => import('./commands/stack.js'),
  },
  inspect: {
    summary: 'show a value of a process by its path, without running code in it',
    load: () => import('./commands/inspect.js'),
  },
  exec: { summary: 'run a script in a process, at a safe point', load: () => import('./commands/exec.js') },
  demo: { summary: 'start an example process and show the above on it', load: () => import('./commands/demo.js') },
}

async function main([name = '--help', ...rest]: readonly string[]): Promise<number> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (entry !== undefined) return (await entry.load()).main(rest)
  const { showOverview } = await import('./commands/overview.js')
  return showOverview(name, commands)
}

main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode
})
