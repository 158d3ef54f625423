// Which processes there are, and which of them started which. From /proc alone, so it shows what this process's own
// PID namespace shows. Says nothing of what they are.

import fs from 'node:fs'

/** More generations would be a broken chain. */
const MAX_ANCESTORS = 1024

/** The ids of all processes, ascending. Some may have ended by the time they are looked at. */
export function readProcessIds(): number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

export function processExists(pid: number): boolean {
  return fs.existsSync(`/proc/${pid}`)
}

/** Parent, grandparent and so on, the parent first. Ends where the PID namespace does. */
export function readAncestors(pid: number): number[] {
  const ancestors: number[] = []
  for (let at = readParent(pid); at > 0 && ancestors.length < MAX_ANCESTORS; at = readParent(at)) ancestors.push(at)
  return ancestors
}

/** Those that its threads have started and that still run, or wait to be collected; none when it has gone. */
export function readChildren(pid: number): number[] {
  try {
    const lists = fs.readdirSync(`/proc/${pid}/task`).map((tid) => {
      return fs.readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8')
    })
    return lists.join(' ').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** 0 when there is none in this PID namespace, or when the process has gone. */
function readParent(pid: number): number {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name, in parentheses, may itself hold spaces and parentheses; the parent is field 4.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}
