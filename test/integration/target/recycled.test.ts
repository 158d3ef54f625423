// The kernel gives PIDs away again. Whoever was told of a process before, by its PID or by a word, is to find that it has
// ended, and never to read the next one in its place.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { interpreters } from '../../harness/interpreters.js'
import { cliPath } from '../../harness/remora.js'
import { temporaryDirectory } from '../../harness/temporary.js'

const helper = fileURLToPath(new URL('../../harness/recycle.mjs', import.meta.url))
/** Root of a user namespace may choose PIDs, too. */
const NAMESPACE = [...(process.getuid?.() === 0 ? [] : ['-r']), '-pf', '--kill-child', '--mount-proc']
const isAllowed = spawnSync('unshare', [...NAMESPACE, 'true']).status === 0

describe.each(interpreters)('$name', (interpreter) => {
  test('another process that gets the PID of the target is refused', ({ skip }) => {
    skip(!isAllowed, 'SKIPPED: no PID namespace can be made here, so no PID can be chosen')
    const words = [process.execPath, helper, interpreter.path, cliPath, temporaryDirectory()]
    const { stdout, stderr } = spawnSync('unshare', [...NAMESPACE, ...words], { encoding: 'utf8', timeout: 25_000 })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      library: { stack: 'TARGET_EXITED', exec: 'TARGET_EXITED', record: 'TARGET_EXITED', top: 'TARGET_EXITED' },
      commands: { word: 'TARGET_EXITED', pid: 'TARGET_EXITED' },
      recorded: false,
    })
  })
})
