// Paths to values of a live program: where they lead, what their errors say, what is masked, and how they go on. The
// program's own code would end it if any of it ran.

import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { attach, type Target } from '../../../src/session/attach.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { interpreters } from '../../harness/interpreters.js'
import { remora } from '../../harness/remora.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

const textOf = (target: Target, path: string): string => target.inspect(path).value.text

const paths: readonly (readonly [path: string, text: string | RegExp])[] = [
  ['app.conf.DEBUG', 'True'],
  ['app.conf.LEVEL', '3'],
  ['app.conf.shadowed', "'of the instance'"],
  ['app.conf.__class__.shadowed', "'of the class'"],
  ['app.conf.computed', /^<property object at 0x/],
  ['app.conf', /^<__main__\.Config object at 0x/],
  ["app.conf.db['host']", "'h'"],
  ['app.conf.db["it\'s"]', "'q'"],
  ['app.conf.db[1, 2]', "'t'"],
  ['app.conf.db[( 1, 0x2 )]', "'t'"],
  ['app.conf.db[None]', '0'],
  ['app.conf.db[2.5]', "'f'"],
  ["app.conf.db[b'k']", '1'],
  ['app.conf.db[1]', "'yes'"],
  ['app.conf.db[1.0]', "'yes'"],
  ['app.jobs[-1].name', "'job 2'"],
  ['app.jobs[1]', "Job(id=1, name='job 1', token=<masked>)"],
  ['app.recent[-1]', '99'],
  ['app.recent[70]', '70'],
  ['app.pair.right[0]', '2'],
  ['app.sub.x', '1'],
  ['app', "<module 'app'>"],
  ['slotted.set', '[1]'],
  ['worker._args[0].id', '1'],
  ['work.__code__.co_name', "'work'"],
  ['json.dumps.__kwdefaults__', /^\{'skipkeys': False/],
  ['__main__.json', "{'own': 1}"],
  ['@main.sys', "<module 'sys' (built-in)>"],
  ['@main:0.level', '0'],
  ['@main:1.rest', "('a', 'b')"],
  ['@main:2.app.jobs[0].id', '0'],
  ['@main:2.len', '<built-in function len>'],
  ['@"worker (1)":3.factor', '3'],
  ["@'worker (1)':3.job.name", "'job 1'"],
  ['@"worker (1)":2.total', '3'],
]

const lost: readonly (readonly [path: string, code: string, message: string, near: string[]])[] = [
  [
    'app.conf.DEBIG',
    'PATH_NOT_FOUND',
    'app.conf is of type __main__.Config and has no attribute DEBIG',
    ['app.conf.DEBUG'],
  ],
  [
    "app.conf.db['hots']",
    'PATH_NOT_FOUND',
    "app.conf.db is a dict of 8 items and has no item ['hots']",
    ["app.conf.db['host']"],
  ],
  [
    'app.jobs[3]',
    'PATH_NOT_FOUND',
    'app.jobs is a list of 3 items and has no item [3]',
    ['app.jobs[0]', 'app.jobs[1]', 'app.jobs[2]'],
  ],
  [
    'app.jobs[0].nam.x',
    'PATH_NOT_FOUND',
    'app.jobs[0] is of type __main__.Job and has no attribute nam',
    ['app.jobs[0].name'],
  ],
  ['app.conf[0]', 'PATH_NOT_FOUND', 'app.conf is of type __main__.Config and has no items that a path can reach', []],
  [
    'app.conf.computed.x',
    'PATH_NOT_FOUND',
    'app.conf.computed is a property, whose value only code can tell, and has no attribute x',
    [],
  ],
  [
    'slotted.unset',
    'PATH_NOT_FOUND',
    'slotted is of type __main__.Slotted and has no attribute unset',
    ['slotted.set'],
  ],
  ['ap', 'PATH_NOT_FOUND', 'no module and no global of __main__ is called ap', ['app']],
  ['@main:9', 'PATH_NOT_FOUND', 'thread main has 4 frames, so there is no frame 9', []],
  ['@nobody', 'THREAD_NOT_FOUND', 'the target has no thread nobody', []],
  ['app..x', 'PATH_INVALID', 'app..x is not a path: at ".x", a name must follow the dot', []],
]

describe.each(interpreters)('$name', (interpreter) => {
  const start = async (): Promise<TestTarget> => startTarget(interpreter, 'inspected.py')

  test('paths lead to values, and leave the program as it was', async () => {
    const program = await start()
    const target = await attach(program.pid)
    for (const [path, text] of paths) {
      if (typeof text === 'string') expect(textOf(target, path), path).toBe(text)
      else expect(textOf(target, path), path).toMatch(text)
    }
    const [descriptor] = fs.readdirSync('/proc/self/fd').filter((one) => linkOf(one) === `/proc/${program.pid}/mem`)
    // The low bits of the flags are the access mode: 0 is reading only.
    expect(fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')).toMatch(/flags:\s+\d*[048]\n/)
    target.dispose()
    const { fingerprint, exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    expectUnchanged(program.before, fingerprint)
  })

  test('paths that lead nowhere say how far they got and what is there', async () => {
    const program = await start()
    await using target = await attach(program.pid)
    for (const [path, code, message, near] of lost) {
      const expected = {
        code,
        message,
        ...(code === 'PATH_NOT_FOUND' ? { details: expect.objectContaining({ near }) } : {}),
      }
      expect(() => target.inspect(path), path).toThrow(expect.objectContaining(expected))
    }
  })

  test('secrets are masked by name and key, and whatever lies below them', async () => {
    const program = await start()
    await using target = await attach(program.pid)
    const { value } = target.inspect('app.conf')
    const texts = Object.fromEntries((value.children ?? []).map(({ name, text }) => [name, text]))
    expect(texts.SECRET_KEY).toBe('<masked>')
    expect(texts.db).toContain("'password': <masked>")
    expect(textOf(target, 'app.conf.SECRET_KEY')).toBe('<masked>')
    expect(textOf(target, "app.conf.db['password']")).toBe('<masked>')
    expect(textOf(target, 'secret_things[0]')).toBe('<masked>')
    expect(textOf(target, 'app.headers')).toBe("{b'Authorization': <masked>, 'accept': '*'}")
    expect(JSON.stringify(target.inspect('app', { depth: 5 }))).not.toMatch(/hush|t0p|'pw'|Bearer/)
    expect(target.inspect('app.conf.SECRET_KEY', { mask: undefined }).value.text).toBe("'hush'")
    expect(target.inspect('app.conf.DEBUG', { mask: /debug/i }).value.text).toBe('<masked>')
  })

  test('limits cut, and say so', async () => {
    const program = await start()
    await using target = await attach(program.pid)
    expect(target.inspect('app.recent', { items: 3, depth: 1 }).value).toMatchObject({
      text: 'deque([0, 1, 2, …])',
      truncated: true,
      children: [{ name: '[0]', text: '0' }, { name: '[1]' }, { name: '[2]' }],
    })
    expect(target.inspect('app.jobs', { depth: 0, mask: undefined }).value).not.toHaveProperty('children')
    expect(target.inspect('app.jobs', { depth: 0 }).value.text).toBe('[…]')
    expect(target.inspect('app.jobs', { depth: 1 }).value.text).toBe('[Job(…), Job(…), Job(…)]')
    const { value: deepest } = target.inspect('deep', { depth: 1_000_000, chars: 1_000_000, items: 1_000_000 })
    expect(deepest.text).toBe(`${'['.repeat(201)}…${']'.repeat(201)}`)
    expect(target.inspect('app.jobs[0].name', { chars: 2 }).value).toMatchObject({ text: "'jo'…", truncated: true })
  })

  test('instances of a class are found, counted and measured', async () => {
    const program = await start()
    const [count, bytes, ids] = (await program.says('jobs')) as [number, number, number[]]
    await using target = await attach(program.pid)
    const document = target.instances('__main__.Job', { depth: 0 })
    expect(document.complete).toBe(true)
    expect(document.classes.map(({ type }) => type)).toEqual(['__main__.Job', '__main__.UrgentJob'])
    expect(document.classes.reduce((sum, one) => sum + one.count, 0)).toBe(count)
    expect(document.classes.reduce((sum, one) => sum + one.bytes, 0)).toBe(bytes)
    expect(document.instances.map(({ address }) => address).sort()).toEqual(ids)
    for (const { name, text } of document.instances) expect(target.inspect(name, { depth: 0 }).value.text).toBe(text)
    expect(target.instances('UrgentJob').instances.map(({ text }) => text)).toEqual([
      "UrgentJob(id=7, name='urgent', token=<masked>)",
    ])
    const { complete, scanned } = target.instances('dict', { budgetMs: 1e-6 })
    expect([complete, scanned > 900 && scanned <= 1024]).toEqual([false, true])
    const lost = {
      code: 'PATH_NOT_FOUND',
      details: expect.objectContaining({ near: expect.arrayContaining(['__main__.Job']) }),
    }
    expect(() => target.instances('__main__.Jab')).toThrow(expect.objectContaining(lost))
    expect(() => target.inspect('@0x10')).toThrow(expect.objectContaining({ code: 'PATH_NOT_FOUND' }))
  })

  test.each(['gc_churn.py', 'gc_remade.py'])(
    'a search through lists that change says so, or has found all that was there throughout: %s',
    async (name) => {
      const program = await startTarget(interpreter, name)
      await using target = await attach(program.pid)
      const found = Array.from({ length: 20 }, () => target.instances('__main__.Kept', { items: 1, depth: 0 }))
      const counts = found.map(({ complete, classes: [kept] }) => ({ complete, count: kept?.count ?? 0 }))
      console.log(
        `${interpreter.name}, ${name}: ${counts.filter(({ complete }) => !complete).length} of 20 searches were not complete`,
      )
      expect(counts.filter(({ complete, count }) => complete && count !== 5000)).toEqual([])
      const { exit } = await program.finish()
      expect([exit, program.stderr]).toEqual([0, ''])
    },
  )

  test('completion gives paths', async () => {
    const program = await start()
    await using target = await attach(program.pid)
    expect(target.complete('app.conf.D')).toEqual(['app.conf.DEBUG'])
    expect(target.complete('app.conf.')).toEqual(
      expect.arrayContaining(['app.conf.db', 'app.conf.LEVEL', 'app.conf.computed']),
    )
    expect(target.complete('app.conf.db[')).toEqual(
      expect.arrayContaining(["app.conf.db['host']", 'app.conf.db[(1, 2)]']),
    )
    expect(target.complete('app.s')).toEqual(['app.sub'])
    expect(target.complete('slo')).toEqual(['slotted'])
    expect(target.complete('@')).toEqual(['@main', '@"worker (1)"'])
    expect(target.complete('@main:1.re')).toEqual(['@main:1.rest'])
    expect(target.complete('nothing.at.')).toEqual([])
    for (const path of target.complete('app.conf.db[')) expect(() => target.inspect(path)).not.toThrow()
  })
})

test('the command prints a tree, a document, or an error', async () => {
  const program = await startTarget(interpreters[0] as (typeof interpreters)[number], 'inspected.py')
  const tree = await remora(['inspect', program.pid, 'app.conf'])
  expect(tree.stdout.replace(/0x[\da-f]+/g, '0x…')).toBe(
    [
      'app.conf = <__main__.Config object at 0x…>',
      '  DEBUG = True',
      '  SECRET_KEY = <masked>',
      "  shadowed = 'of the instance'",
      "  db = {'host': 'h', 'password': <masked>, (1, 2): 't', None: 0, 2.5: 'f', b'k': 1, True: 'yes', \"it's\": 'q'}",
      '',
    ].join('\n'),
  )
  expect((await remora(['inspect', program.pid, 'app.failure'])).stdout).toBe(
    "app.failure = ValueError('bad')\n  __cause__ = KeyError('k')\n",
  )
  const document = await remora(['inspect', program.pid, 'app.jobs[0].id', '--json'])
  expect(JSON.parse(document.stdout)).toMatchObject({
    schema: 'remora.inspect/1',
    target: { pid: program.pid },
    path: 'app.jobs[0].id',
    consistent: true,
    value: { name: 'app.jobs[0].id', type: 'int', text: '0' },
  })
  const failure = await remora(['inspect', program.pid, 'app.jbs'])
  expect([failure.code, failure.stdout]).toEqual([2, ''])
  expect(failure.stderr).toContain('remora: app is of type module and has no attribute jbs\n  Did you mean app.jobs?')
  expect((await remora(['inspect', program.pid, 'app', '--depth', 'x'])).stderr).toContain('--depth takes a number')
  expect((await remora(['inspect', program.pid])).code).toBe(2)
})

function linkOf(descriptor: string): string | undefined {
  try {
    return fs.readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return undefined
  }
}
