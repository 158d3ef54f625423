// Shows a long text in the person's own pager.

import { spawnSync } from 'node:child_process'

/** False where there is no pager. */
export function runPager(text: string): boolean {
  const pager = process.env.PAGER || 'less -R'
  const { error, status } = spawnSync('sh', ['-c', pager], { input: text, stdio: ['pipe', 'inherit', 'inherit'] })
  return error === undefined && status !== 127
}
