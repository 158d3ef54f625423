// Names a thread, or a task on it, from one document of `remora top` to the next.

import type { TopThreadInfo } from '../../documents/index.js'

export function threadKey({ pid, nativeId, task }: Pick<TopThreadInfo, 'pid' | 'nativeId' | 'task'>): string {
  return `${pid} ${nativeId} ${task ?? ''}`
}
