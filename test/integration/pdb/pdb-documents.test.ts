// `remora pdb` for programs: a command in, a document out, through the library and with `--json`.

import { describe, expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import type { PdbDocument } from '../../../src/session/documents/index.js'
import { interpreters } from '../../harness/interpreters.js'
import { expectUndisturbed } from '../../harness/pdb.js'
import { remora } from '../../harness/remora.js'
import { programPath, startTarget } from '../../harness/target.js'

const textOf = ({ messages }: PdbDocument): string => messages.map(({ text }) => text).join('')

function parseLines(stdout: string): PdbDocument[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as PdbDocument)
}

describe.each(interpreters)('$name', (interpreter) => {
  test('the library: commands, completion, an interruption, and the program’s own frame right after each session', async () => {
    const program = await startTarget(interpreter, 'rounds.py')
    await using target = await attach(program.pid)
    for (let round = 0; round < 10; round++) {
      await using pdb = await target.pdb({ commands: [`tbreak ${programPath('rounds.py')}:34`, 'continue'] })
      expect(textOf(await pdb.beginning)).toMatch(/^Breakpoint 1 at .*\n[\s\S]*-> total = 0\n$/)
      expect(await pdb.run('p 6 * 7')).toMatchObject({
        command: 'p 6 * 7',
        messages: [{ type: 'info', text: '42\n' }],
        prompt: { text: '(Pdb) ', state: 'pdb' },
      })
      expect(await pdb.run('p nothing')).toMatchObject({
        messages: [{ type: 'error', text: "NameError: name 'nothing' is not defined" }],
      })
      expect(await pdb.prompt?.complete({ text: 'ite', line: 'p ite', begidx: 2, endidx: 5 })).toEqual(['items'])
      const running = pdb.run('continue')
      pdb.interrupt()
      // The command itself, if it has not begun to let the program go.
      expect(textOf(await running)).toMatch(/Program interrupted|--KeyboardInterrupt--/)
      expect(await pdb.run('interact')).toMatchObject({ prompt: { state: 'interact' } })
      await pdb[Symbol.asyncDispose]()
      const { repr } = await target.eval('__file__', { repr: true })
      expect(repr).toMatch(/rounds\.py'$/)
    }
    const pdb = await target.pdb()
    expect((await pdb.run('q')).ended).toBe('detached')
    await expectUndisturbed(interpreter, program)
  })

  test('--json: a document a command, a block and a mistake among them, and how it ended', async () => {
    const program = await startTarget(interpreter, 'rounds.py')
    const input = 'for n in range(2):\n  print(n)\n\n1 +* 2\nhelp next\nq\n'
    const words = ['pdb', program.pid, '--json', '-c', `tbreak ${programPath('rounds.py')}:34`, '-c', 'c']
    const { code, stdout, complaints } = await remora(words, { input })
    expect([code, complaints]).toEqual([0, ''])
    const documents = parseLines(stdout)
    expect(documents.map(({ command, prompt, ended }) => [command, prompt?.state ?? ended])).toEqual([
      [undefined, 'pdb'],
      ['for n in range(2):\n  print(n)\n', 'pdb'],
      [undefined, 'pdb'],
      ['help next', 'pdb'],
      ['q', 'detached'],
    ])
    expect(documents.map(textOf)).toEqual([
      expect.stringMatching(/-> total = 0\n$/),
      '0\n1\n',
      'SyntaxError: invalid syntax',
      expect.stringContaining('Usage: n(ext)'),
      '',
    ])
    await expectUndisturbed(interpreter, program)
  })

  test('--json of a thread that reaches no safe point, and of a program that ends', async () => {
    const program = await startTarget(interpreter, 'reader.py')
    await program.untilBlockedIn('read')
    const withdrawn = await remora(['pdb', program.pid, '--json', '--timeout', '0.4'])
    expect(withdrawn.code).toBe(5)
    expect(parseLines(withdrawn.stdout)).toMatchObject([
      { ended: 'withdrawn', messages: [], pending: { syscall: 'read' } },
    ])
    const ending = await startTarget(interpreter, 'busy.py')
    const exited = await remora(['pdb', ending.pid, '--json', '-c', '!import os; os._exit(3)'])
    expect([exited.code, parseLines(exited.stdout)]).toMatchObject([4, [{ ended: 'exited' }]])
  })
})
