// All commands, and what each is for: for the overview, and for the help of the command itself. They stand apart from the
// commands, none of which is loaded to list them.

export const summaries = {
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
  demo: 'start an example process and show what Remora does on it',
} as const

export type CommandName = keyof typeof summaries
