// The one table of failures: code -> exit code and way out. Codes are API: they are added, never renamed or
// reused, one per distinct remedy. Every code has an anchor in docs/errors.md, which a test holds.

import { toShellWord } from './shell-word.js'

type Hint = string | ((details: Readonly<Record<string, unknown>>) => string)

interface ErrorEntry {
  /** 1 the injected code failed, 2 usage, 3 permission, 4 target, 5 not run in time, 70 a bug in Remora. */
  readonly exitCode: 1 | 2 | 3 | 4 | 5 | 70
  readonly hint: Hint
}

/** Names of what there is, in a hint; the details hold more. */
const MAX_LISTED = 20

const show = (value: unknown, fallback: string): string => (value === undefined ? fallback : String(value))
const showPath = (path: unknown, fallback: string): string => toShellWord(show(path, fallback))

/** ` 3.14 and 3.15`; nothing where no list is given. */
const list = (value: unknown): string => (Array.isArray(value) ? ` ${value.join(' and ')}` : '')

export const errorCodes = {
  // What was typed.
  USAGE: { exitCode: 2, hint: (d) => `See: remora ${show(d.command, '')} --help`.replace('  ', ' ') },
  TARGET_INVALID: {
    exitCode: 2,
    hint: 'A target is a PID, :PORT, or a word of its command line. List them with: remora ps',
  },
  TARGET_AMBIGUOUS: { exitCode: 2, hint: 'Name one of them by its PID.' },
  TARGET_IS_SELF: { exitCode: 2, hint: 'Choose another process. List them with: remora ps' },
  SCRIPT_UNREADABLE: {
    exitCode: 2,
    hint: (d) => `Look at it with: ls -l ${showPath(d.path, 'FILE')}`,
  },
  SCRIPT_PATH_TOO_LONG: {
    exitCode: 2,
    hint: 'Copy the script to a shorter path, or leave out --no-wait: then its path does not matter.',
  },
  THREAD_NOT_FOUND: {
    exitCode: 2,
    hint: (d) =>
      `The target has these threads: ${show(d.threads, 'none')}. Name one of them by its number or its name.`,
  },
  PATH_INVALID: {
    exitCode: 2,
    hint: "A path is a module or a global, then steps: remora inspect PID 'app.conf[\"key\"].name'. Frames begin with @: '@main.total'",
  },
  PATH_NOT_FOUND: {
    exitCode: 2,
    hint: (d) => {
      const near = Array.isArray(d.near) && d.near.length > 0 ? `Did you mean ${d.near.join(', or ')}? ` : ''
      return d.reached
        ? `${near}See what is there: remora inspect PID '${d.reached}'`
        : `${near}Modules and globals of __main__ can begin a path: remora inspect PID __main__`
    },
  },
  FRAME_NOT_FOUND: {
    exitCode: 2,
    hint: 'Frames are numbered from 0, the innermost, as they are shown by: remora stack PID',
  },
  TASK_NOT_FOUND: {
    exitCode: 2,
    hint: (d) => {
      const near = Array.isArray(d.near) && d.near.length > 0 ? `Did you mean ${d.near.join(', or ')}? ` : ''
      const there = Array.isArray(d.there) && d.there.length > 0 ? d.there.slice(0, MAX_LISTED) : []
      const known = there.length > 0 ? `There are: ${there.join(', ')}. ` : ''
      return `${near === '' ? known : near}List the tasks: remora tasks PID`
    },
  },
  OUTPUT_UNWRITABLE: {
    exitCode: 2,
    // Standard output has no path.
    hint: (d) =>
      d.path === undefined
        ? 'See whether there is room for it: df -h'
        : `Look at what is there with: df -h . ; ls -ld ${showPath(d.path, 'FILE')}`,
  },
  RECORDING_INVALID: {
    exitCode: 2,
    hint: (d) => `Name a file that remora record has written. Look at it with: ls -l ${showPath(d.path, 'FILE')}`,
  },
  COMMAND_NOT_STARTED: {
    exitCode: 2,
    hint: 'Name a program and its arguments after --: remora record -- python3.14 app.py',
  },
  PROBE_INVALID: {
    exitCode: 2,
    hint: "A probe is a place and what to do there: remora trace PID 'app/orders.py:42 {order.id}'. The grammar is in docs/trace.md.",
  },
  PROBE_NOT_FOUND: {
    exitCode: 2,
    hint: (d) => {
      const near = Array.isArray(d.near) && d.near.length > 0 ? `Did you mean ${d.near.join(', or ')}? ` : ''
      return `${near}See what a glob finds: remora trace PID 'app.* count' --dry-run`
    },
  },

  NO_PYTHON: {
    exitCode: 2,
    hint: 'In a checkout of Remora, npm run setup installs one. Or name one: remora demo --python PATH',
  },

  LISTEN_FAILED: {
    exitCode: 2,
    hint: (d) => `Choose another address, or see who uses it: ss -lntp; ls -l ${showPath(d.where, 'PATH')}`,
  },

  // What the system does not permit.
  PERMISSION_DENIED: { exitCode: 3, hint: permissionHint },
  RENDEZVOUS_UNAVAILABLE: {
    exitCode: 3,
    hint: 'The target and Remora need one directory that both can write to. Mount a small tmpfs that the target sees, or name a directory with --rendezvous DIR.',
  },

  // What the target is or has become.
  PROCESS_NOT_FOUND: { exitCode: 4, hint: 'List the Python processes of this machine with: remora ps' },
  PROCESS_IS_KERNEL_THREAD: { exitCode: 4, hint: 'List the Python processes of this machine with: remora ps' },
  PROCESS_IS_ZOMBIE: {
    exitCode: 4,
    hint: (d) =>
      `It has ended and waits for its parent to collect it. See: ps -o pid,ppid,stat,cmd -p ${show(d.pid, 'PID')}`,
  },
  NOT_PYTHON: {
    exitCode: 4,
    hint: 'No CPython runtime is mapped into it. Its Python may be a child process: see remora ps',
  },
  PYTHON_UNSUPPORTED: {
    exitCode: 4,
    hint: (d) =>
      d.freeThreaded === true
        ? 'Start the program with a build that has the GIL, such as python3.14 in place of python3.14t.'
        : `Remora reads CPython${list(d.supported)}. docs/new-cpython.md says how a new version is added.`,
  },
  RUNTIME_CORRUPT: {
    exitCode: 4,
    hint: 'Its memory contradicts itself. If that happens again, please report it with the output of: remora doctor --json',
  },
  REMOTE_DEBUG_DISABLED: {
    exitCode: 4,
    hint: (d) =>
      `Reading still works. To see what disables it, and how to start the program without that: remora doctor ${show(d.pid, 'PID')}`,
  },
  REQUEST_PENDING: {
    exitCode: 4,
    hint: 'Wait until it has run, or end the tool that asked for it. Nothing was changed.',
  },
  REQUEST_REFUSED: {
    exitCode: 4,
    hint: 'An audit hook or an import hook of the target refused it, or the target has no free descriptor. Its own stderr may say which.',
  },
  AGENT_LOST: {
    exitCode: 4,
    hint: 'Probably the script closed every file descriptor, or it waits in C code without end. See what the target is doing: remora doctor PID',
  },
  SCRIPT_STUCK: {
    exitCode: 4,
    hint: (d) =>
      `It is in C code, or inside a profiler or debugger of the target. It ends at its next Python instruction. See: remora stack ${show(d.pid, 'PID')}`,
  },
  TOOL_IDS_TAKEN: {
    exitCode: 4,
    hint: (d) =>
      `End one of the tools that watch the program: ${show(d.tools, 'see sys.monitoring.get_tool(0) to (5)')}.`,
  },
  DEBUGGER_PRESENT: {
    exitCode: 4,
    hint: 'Leave that debugger first, at its own prompt. Reading works beside it: remora stack PID',
  },
  PDB_UNAVAILABLE: {
    exitCode: 4,
    hint: 'The target must be able to import pdb, and the thread must run Python code. See: remora stack PID',
  },
  INTERPRETER_FINALIZING: { exitCode: 4, hint: 'The interpreter is shutting down; no code can run in it any more.' },
  TARGET_EXITED: { exitCode: 4, hint: 'Start it again, or list what is running with: remora ps' },
  MEMORY_UNREADABLE: {
    exitCode: 4,
    hint: 'The target changed while it was read. Try again. If that does not help, see: remora doctor PID',
  },
  THREAD_STOP_UNAVAILABLE: {
    exitCode: 4,
    hint: 'Only the main thread takes a script without being stopped. Leave out --thread, or fix the cause named above (for koffi: npm install koffi).',
  },
  PLATFORM_UNSUPPORTED: { exitCode: 4, hint: 'Remora runs on Linux, x86-64 and arm64, for now.' },

  INTERNAL: { exitCode: 70, hint: 'This is a bug in Remora. Please report it with the command and the text above.' },
} as const satisfies Record<string, ErrorEntry>

/** Every failure that Remora foresees. */
export type ErrorCode = keyof typeof errorCodes

function permissionHint(details: Readonly<Record<string, unknown>>): string {
  if (details.yamaScope === 3) {
    return 'This kernel forbids it to everyone (yama ptrace_scope 3) until the next boot with kernel.yama.ptrace_scope=0.'
  }
  // Root that may not, which no setting of yama is the cause of.
  if (details.container === true) {
    return 'Root needs CAP_SYS_PTRACE for that. Give the container the right to trace: docker run --cap-add=SYS_PTRACE …'
  }
  if (details.userNamespace === true) {
    return 'Remora has its rights only inside its own user namespace, and the target is outside of it. Run Remora outside as well: sudo remora …'
  }
  if (details.yamaScope === 2)
    return 'This kernel requires CAP_SYS_PTRACE (yama ptrace_scope 2). Run Remora as root: sudo remora …'
  if (details.ownerUser !== undefined) {
    // With yama, being the owner is not enough.
    return details.yamaScope === 1
      ? 'Run Remora as root: sudo remora …'
      : `Run Remora as that user or as root: sudo -u ${show(details.ownerUser, 'USER')} remora …`
  }
  if (details.yamaScope === 1) {
    return 'This kernel lets a process read only its own children (yama ptrace_scope 1). Run Remora as root, or: sudo sysctl kernel.yama.ptrace_scope=0'
  }
  return 'Run Remora as root, or as the user of the target: sudo remora …'
}
