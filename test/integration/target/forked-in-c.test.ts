// A process that was forked in C, as those of uWSGI are: the ids that Python has in it are those of its parent.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { interpreters } from '../../harness/interpreters.js'
import { remora } from '../../harness/remora.js'
import { spawnTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

describe.each(interpreters)('$name', (interpreter) => {
  test('its main thread is the one that the kernel has', async () => {
    const target = spawnTarget(interpreter, 'forked_in_c.py')
    const pid = Number(await target.says('child'))
    const stack = JSON.parse((await remora(['stack', pid, '--json'])).stdout)
    const [{ nativeId, state }] = stack.threads
    expect(nativeId).toBe(pid)
    expect(state).not.toBe('unknown')

    const { stdout, code } = await remora(['exec', pid, '--thread', pid, '-c', 'print(1 + 1)'])
    expect([stdout, code]).toEqual(['2\n', 0])

    const file = `${temporaryDirectory()}/profile.txt`
    await remora(['record', pid, '--mode', 'cpu', '--duration', '1', '--format', 'collapsed', '-o', file])
    expect(readFileSync(file, 'utf8')).toContain('compute')
  })
})
