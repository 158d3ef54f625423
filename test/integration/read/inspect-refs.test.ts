// Who refers to an object, against what the target's own garbage collector finds (`gc.get_referrers`), and each path that
// is told against where it leads.

import { describe, expect, test } from 'vitest'
import { attach } from '../../../src/session/attach.js'
import type { ReferrerInfo } from '../../../src/session/documents/index.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { anyInterpreter, interpreters } from '../../harness/interpreters.js'
import { remora } from '../../harness/remora.js'
import { startTarget } from '../../harness/target.js'

const ALL = { items: 1000, budgetMs: 60_000 }

describe.each(interpreters)('$name', (interpreter) => {
  test('all referrers that the target knows are found, and no others but those it cannot see', async () => {
    const program = await startTarget(interpreter, 'held.py')
    const [id, ids] = (await program.says('referrers')) as [number, number[]]
    await using target = await attach(program.pid)
    const document = target.referrers('target', { ...ALL, depth: 1 })
    expect(document).toMatchObject({ complete: true, consistent: true, value: { type: '__main__.Plain', address: id } })
    const { referrers } = document
    expect(document.total).toBe(referrers.length)
    const calls = referrers.filter(({ holder }) => holder.address === undefined)
    expect(calls.map(({ paths: [path], holder }) => [path?.replace(/\d+/, 'TID'), holder.text])).toEqual([
      ['@TID:0.argument', expect.stringMatching(/^<frame of work, .*held\.py:\d+>$/)],
    ])
    const objects = referrers.flatMap(({ holder: { address } }) => address ?? [])
    expect(objects.toSorted()).toEqual(ids.toSorted())
    await program.finish()
  })

  test('every path that is told leads to the object, and from level to level to where a path begins', async () => {
    const program = await startTarget(interpreter, 'held.py')
    await program.says('referrers')
    await using target = await attach(program.pid)
    const check = ({ paths, as, holder }: ReferrerInfo, address: number | undefined): void => {
      expect(paths.length === 0).toBe(as !== undefined)
      for (const path of paths) expect([path, target.inspect(path).value.address]).toEqual([path, address])
      if (holder.address !== undefined) expect(target.inspect(holder.name).value.address).toBe(holder.address)
    }
    const { value, referrers, complete } = target.referrers('target', { ...ALL, depth: 5 })
    expect(complete).toBe(true)
    expect(JSON.stringify(referrers)).not.toContain('hunter2')
    const levels = [0, 0, 0, 0, 0]
    const checkAll = (some: readonly ReferrerInfo[], address: number | undefined, level: number): void => {
      for (const one of some) {
        check(one, address)
        levels[level] = (levels[level] as number) + 1
        checkAll(one.referrers ?? [], one.holder.address, level + 1)
      }
    }
    checkAll(referrers, value.address, 0)
    expect(Math.min(...levels)).toBeGreaterThan(0)
    const pathsOf = (some: readonly ReferrerInfo[]): string[] => {
      return some.flatMap(({ paths, referrers: next }) => [...paths, ...pathsOf(next ?? [])])
    }
    expect(pathsOf(referrers)).toEqual(
      expect.arrayContaining([
        '__main__.target',
        '__main__.error',
        '__main__.holders',
        '__main__.cached',
        '__main__.outer',
      ]),
    )
    const kinds = new Set(referrers.map(({ as }) => as))
    expect(kinds).toEqual(new Set([undefined, 'key', 'element', 'field']))
    const waiting = target.referrers('inner', ALL).referrers
    expect(waiting.map(({ as, paths }) => as ?? paths[0])).toEqual(['__main__.inner', 'operand'])
    expect(waiting[1]?.referrers?.map(({ paths }) => paths)).toEqual([['__main__.outer']])
    await program.finish()
  })

  test('what is found in lists that change was there, and what stays is found', async () => {
    const program = await startTarget(interpreter, 'gc_churn.py')
    await using target = await attach(program.pid)
    const found = Array.from({ length: 10 }, () => target.referrers('kept[2500]', { depth: 1 }))
    for (const { complete, referrers, value } of found) {
      const paths = referrers.flatMap((one) => one.paths)
      for (const path of paths) expect(target.inspect(path).value.address).toBe(value.address)
      if (complete) expect(paths).toEqual([expect.stringMatching(/^@0x[\da-f]+\[2500\]$/)])
    }
    console.log(
      `${interpreter.name}: ${found.filter(({ complete }) => !complete).length} of 10 searches were not complete`,
    )
    // It is found nearly always, whether or not all was looked at.
    expect(found.some(({ total }) => total === 1)).toBe(true)
    const { exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
  })
})

test('the command prints a tree or a document, says what was left out, and leaves nothing', async () => {
  const program = await startTarget(anyInterpreter, 'held.py')
  await program.says('referrers')
  const run = (...words: string[]): ReturnType<typeof remora> => remora(['inspect', program.pid, ...words])
  const { stdout, code } = await run('target', '--refs', '--items', '2', '--depth', '1')
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(
      /^target = <__main__\.Plain object at 0x[\da-f]+>\n\d+ refer to it \(\d+ objects and the calls of all threads were looked at\)\n {2}@\d+:0\.argument {2}<frame of work, .*>\n {2}__main__\.target {2}<module '__main__' from .*>\n {2}… and \d+ more\n$/,
    ),
  ])
  const { stdout: json } = await run('target', '--refs', '--json', '--timeout', '60')
  expect(JSON.parse(json)).toMatchObject({ schema: 'remora.referrers/1', path: 'target', complete: true })
  const short = await run('target', '--refs', '--timeout', '0.000001')
  expect(short.stdout).toContain('some may be missing')
  expect(await run('@main', '--refs', '--json')).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('PATH_INVALID'),
  })
  expect(await run('--instances', 'Plain', '--refs')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('PATH'),
  })
  expect((await run('target.nothing', '--refs')).stderr).toContain('has no attribute nothing')
  const { fingerprint } = await program.finish()
  expectUnchanged(program.before, fingerprint)
})
