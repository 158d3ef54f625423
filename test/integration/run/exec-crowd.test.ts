// A script in all threads of a program that has very many: each answers, and the program is as it was.

import { describe, expect, test } from 'vitest'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { remora } from '../../harness/remora.js'
import { startTarget } from '../../harness/target.js'

describe.each(interpreters)('$name', (interpreter) => {
  test('a script runs in each of 301 threads', async () => {
    const program = await startTarget(interpreter, 'crowd.py', { arguments: ['300'] })
    const code = 'import threading; print(threading.get_native_id())'
    const { stdout, stderr, code: exit } = await remora(['exec', program.pid, '--thread', 'all', '--json', '-c', code])
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const answers = documents.map(({ outcome, thread, stdout: said }) => [outcome, said, thread.nativeId])
    expect(answers.filter(([outcome, said, id]) => outcome !== 'completed' || said !== `${id}\n`)).toEqual([])
    expect([new Set(answers.map(String)).size, exit]).toEqual([301, 0])
    expect(stderr).not.toMatch(/Warning|error/)
    const { fingerprint, ...end } = await program.finish()
    expect([end.result, end.exit, program.stderr]).toEqual([300, 0, ''])
    expectUnchanged(program.before, fingerprint)
  })
})
