// What /proc says about a process as a whole: its state, owner, PID namespaces, command line. Cheap, needs no
// permission, and is never cached: the answer can change between two calls.

import fs from 'node:fs'
import os from 'node:os'
import { RemoraError, systemErrorCode } from '../errors/remora-error.js'
import { ARCHITECTURE } from '../native/machine.js'

export interface ProcessStatus {
  readonly pid: number
  /** The kernel's letter: R running, S sleeping, D in the kernel, T stopped, t traced, Z zombie. */
  readonly state: string
  /** Effective user and group, as this process's user namespace numbers them. */
  readonly uid: number
  readonly gid: number
  /** The PID as the innermost PID namespace of the process numbers it. */
  readonly innerPid: number
  /** Whether that is another namespace than ours. */
  readonly ownPidNamespace: boolean
  /** PID of the process that traces it with ptrace, 0 for none. */
  readonly tracerPid: number
  /** Kernel threads have no address space; nor has a process in the last moment before it is a zombie. */
  readonly kernelThread: boolean
}

/** @throws RemoraError `PROCESS_NOT_FOUND` */
export function readStatus(pid: number): ProcessStatus {
  let text: string
  try {
    text = fs.readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch (cause) {
    if (systemErrorCode(cause) !== 'ENOENT' && systemErrorCode(cause) !== 'ESRCH') throw cause
    throw new RemoraError('PROCESS_NOT_FOUND', `there is no process ${pid}`, { pid })
  }
  return parseStatus(pid, text)
}

export function parseStatus(pid: number, text: string): ProcessStatus {
  const field = (name: string): string[] => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.split(/\s+/) ?? []
  const state = field('State')[0] ?? '?'
  const withoutMemory = field('VmSize').length === 0 && state !== 'Z' && state !== 'X'
  return {
    pid,
    state,
    uid: Number(field('Uid')[1]),
    gid: Number(field('Gid')[1]),
    innerPid: Number(field('NSpid').at(-1) ?? pid),
    ownPidNamespace: field('NSpid').length > 1,
    tracerPid: Number(field('TracerPid')[0] ?? 0),
    // Before Linux 6.8 nobody says which of the two it is.
    kernelThread: withoutMemory && field('Kthread')[0] !== '0',
  }
}

/** Whether the processor keeps a second copy of the return addresses, with which each return is compared. */
export function usesShadowStack(pid: number): boolean {
  // arm64 does not say it of the thread, only of its memory.
  return ARCHITECTURE === 'arm64'
    ? /^VmFlags:.*\bss\b/m.test(fs.readFileSync(`/proc/${pid}/smaps`, 'utf8'))
    : /^x86_Thread_features:.*\bshstk\b/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
}

/** The arguments the process was started with; empty for kernel threads and zombies. */
export function readArguments(pid: number): string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  } catch {
    return []
  }
}

/** Path of the executable as the target sees it, or undefined when it cannot be read. */
export function readExecutable(pid: number): string | undefined {
  try {
    return fs.readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')
  } catch {
    return undefined
  }
}

/** The environment the process was started with, or undefined without the permission to read it. */
export function readEnvironment(pid: number): Map<string, string> | undefined {
  let text: string
  try {
    text = fs.readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return undefined
  }
  return new Map(
    text.split('\0').flatMap((entry): [string, string][] => {
      const equals = entry.indexOf('=')
      return equals > 0 ? [[entry.slice(0, equals), entry.slice(equals + 1)]] : []
    }),
  )
}

/** Clock ticks from the boot to the start of the process: with the PID, what tells it from any other. */
export function readStartTicks(pid: number): number {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The command name, in parentheses, may itself hold spaces and parentheses; field 22 counts from behind it.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
}

/** When the process was started. */
export function readStartTime(pid: number): Date {
  const ticks = readStartTicks(pid)
  const bootTime = Number(/^btime (\d+)$/m.exec(fs.readFileSync('/proc/stat', 'utf8'))?.[1])
  // USER_HZ is 100 on every architecture that Linux runs on today.
  return new Date((bootTime + ticks / 100) * 1000)
}

/** The name of a user id from /etc/passwd, or the number itself. */
export function userName(uid: number): string {
  try {
    // The system may know users whom that file does not have.
    if (uid === process.geteuid?.()) return os.userInfo().username
  } catch {
    // In a container it may also be nobody's name.
  }
  try {
    const lines = fs.readFileSync('/etc/passwd', 'utf8').split('\n')
    const entry = lines.map((line) => line.split(':')).find((fields) => fields[2] === String(uid))
    return entry?.[0] ?? String(uid)
  } catch {
    return String(uid)
  }
}
