// A process other than the target, in the few words by which a person finds it.

import { readThreadComm } from '../../process/threads/threads.js'
import { escapeControls } from './escape-controls.js'

/** `process 12 (gdb)`; 0 stands for a process that our PID namespace does not show. */
export function nameProcess(pid: number): string {
  if (pid === 0) return 'a process of another PID namespace'
  return `process ${pid} (${escapeControls(readThreadComm(pid, pid) ?? '?')})`
}
