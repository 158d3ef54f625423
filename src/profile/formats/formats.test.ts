// Each format against the same small profile, whose every number is known. What readers of others make of the files is
// in test/integration/profile/profile-readers.test.ts.

import fs from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Profile as Pprof } from 'pprof-format'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../../test/harness/temporary.js'
import { makeProfile, olderShop, randomProfile, shop, shopCosts } from '../../../test/synthetic-profile.js'
import type { Profile } from '../profile.js'
import { type FormatName, formatNames, formatOfFile, formats, writeProfile } from './index.js'
import type { WriteOptions } from './write-options.js'

function written(format: FormatName, profile: Profile = makeProfile(shop), options: WriteOptions = {}): Buffer {
  const file = path.join(temporaryDirectory(), 'profile')
  writeProfile(profile, format, file, options)
  return fs.readFileSync(file)
}

type Costs = Record<string, { self: number; total: number }>

/** Adds a stack, outermost first. */
function addStack(costs: Costs, names: readonly string[], samples: number): void {
  for (const name of new Set(names)) {
    costs[name] ??= { self: 0, total: 0 }
    costs[name].total += samples
    if (name === names.at(-1)) costs[name].self += samples
  }
}

test('collapsed', () => {
  expect(written('collapsed').toString().trimEnd().split('\n')).toEqual([
    'MainThread;<module> (shop/app.py:40) 1',
    'MainThread;<module> (shop/app.py:40);Cart.total (shop/cart.py:12) 3',
    'MainThread;<module> (shop/app.py:40);Cart.total (shop/cart.py:14);price: "of" <item> (shop/prices.py:7) 3',
    'MainThread;<module> (shop/app.py:40);Cart.total (shop/cart.py:14);price: "of" <item> (shop/prices.py:7);<GC> 1',
    'worker 1',
    'worker;Thread.run (python3.14/threading.py:1024);fib (shop/fib.py:3);fib (shop/fib.py:3) 2',
    'worker;Thread.run (python3.14/threading.py:1024);fib (shop/fib.py:3);fib (shop/fib.py:3);größe (site-packages/größe.py:2) 3',
    'MainThread: checkout;<module> (shop/app.py:40);Cart.total (shop/cart.py:12) 4',
  ])
})

test('collapsed, with the counts of an older profile before those of this one', () => {
  const lines = written('collapsed', makeProfile(shop), { old: makeProfile(olderShop) })
    .toString()
    .trimEnd()
    .split('\n')
  expect(lines.filter((line) => /price|discount|größe/.test(line))).toEqual([
    'MainThread;<module> (shop/app.py);Cart.total (shop/cart.py);price: "of" <item> (shop/prices.py) 0 3',
    'MainThread;<module> (shop/app.py);Cart.total (shop/cart.py);price: "of" <item> (shop/prices.py);<GC> 0 1',
    'worker;Thread.run (python3.14/threading.py);fib (shop/fib.py);fib (shop/fib.py);größe (site-packages/größe.py) 3 3',
    'MainThread;<module> (shop/app.py);Cart.total (shop/cart.py);discount (shop/prices.py) 3 0',
    'MainThread;<module> (shop/app.py);Cart.total (shop/cart.py);discount (shop/prices.py);<GC> 1 0',
  ])
})

test('an older profile of another length counts by its shares', () => {
  const longer = makeProfile({ ...shop, runs: shop.runs.map((run) => ({ ...run, count: run.count * 10 })) })
  const lines = written('collapsed', makeProfile(shop), { old: longer }).toString().trimEnd().split('\n')
  for (const line of lines) expect(line).toMatch(/ (\d+) \1$/)
})

test('speedscope', () => {
  const { shared, profiles } = JSON.parse(written('speedscope').toString())
  const names = shared.frames.map(({ name }: { name: string }) => name)
  const readable = profiles.map((profile: { name: string; samples: number[][]; weights: number[] }) => [
    profile.name,
    profile.samples.map((stack, at) => `${stack.map((frame) => names[frame]).join(' ')} ${profile.weights[at]}`),
  ])
  expect(readable).toEqual([
    [
      'MainThread',
      [
        '<module> Cart.total 3000',
        '<module> Cart.total price; "of" <item> 3000',
        ' 2000',
        '<module> Cart.total price; "of" <item> <GC> 1000',
        '<module> 1000',
      ],
    ],
    ['worker', ['Thread.run fib fib 2000', 'Thread.run fib fib größe 3000', ' 4000', ' 1000']],
    ['MainThread: checkout', ['<module> Cart.total 4000']],
  ])
})

test('pprof', () => {
  const profile = Pprof.decode(gunzipSync(written('pprof')))
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] as string
  expect(profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`)).toEqual([
    'samples/count',
    'wall/nanoseconds',
    'cpu/nanoseconds',
    'gil/nanoseconds',
  ])
  const functions = new Map(profile.function.map(({ id, name }) => [Number(id), text(name)]))
  const locations = new Map(
    profile.location.map(({ id, line }) => [Number(id), functions.get(Number(line[0]?.functionId))]),
  )
  const costs: Costs = {}
  const values = [0, 0, 0, 0]
  for (const { locationId, value } of profile.sample) {
    addStack(costs, locationId.map((id) => locations.get(Number(id)) as string).reverse(), Number(value[0]))
    for (const [at, own] of value.entries()) values[at] = (values[at] as number) + Number(own)
  }
  expect(costs).toEqual(shopCosts)
  expect(values).toEqual([18, 18e6, 6e6, 3e6])
})

test('firefox', () => {
  const { threads, shared, meta } = JSON.parse(written('firefox').toString())
  expect(meta.preprocessedProfileVersion).toBe(57)
  const costs: Costs = {}
  for (const { samples, stackTable, frameTable, funcTable, resourceTable, nativeSymbols, markers } of threads) {
    for (const table of [samples, stackTable, frameTable, funcTable, resourceTable, nativeSymbols, markers]) {
      const { length, ...columns } = table
      for (const [name, column] of Object.entries(columns)) {
        if (Array.isArray(column)) expect(column, name).toHaveLength(length)
      }
    }
    for (let row = 0; row < samples.length; row++) {
      const names: string[] = []
      for (let at = samples.stack[row]; at !== null; at = stackTable.prefix[at]) {
        names.unshift(shared.stringArray[funcTable.name[frameTable.func[stackTable.frame[at]]]])
      }
      addStack(costs, names, samples.weight[row])
    }
  }
  expect(costs).toEqual(shopCosts)
  // Three samples in one run have a row at each end; what was not sampled has one without a stack.
  expect(threads[0].samples.time).toEqual([0, 2, 3, 5, 6, 8, 9])
  expect(threads[0].samples.weight).toEqual([2, 1, 2, 1, 0, 1, 1])
})

test('callgrind', () => {
  const text = written('callgrind').toString()
  expect(text).toContain('fl=(2)\nfn=(2)\n12 7 7000\ncfi=(3) /srv/shop/prices.py\ncfn=(3) price; "of" <item>\n')
  expect(text).toContain('calls=1 5\n14 4 4000\n')
})

test('jsonl', () => {
  const lines = written('jsonl')
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const of = (type: string) => lines.filter((line) => line.type === type)
  const costs: Costs = {}
  for (const { stacks, samples } of of('runs')) {
    for (const [at, stack] of stacks.entries()) {
      const names: string[] = []
      for (let row = of('stack')[stack - 1]; row !== undefined; row = of('stack')[row.parent - 1]) {
        names.unshift(of('frame')[row.frame].qualifiedName)
      }
      addStack(costs, names, samples[at])
    }
  }
  expect(costs).toEqual(shopCosts)
  expect(of('profile')[0]).toMatchObject({ schema: 'remora.profile/1', python: '3.14.8' })
  expect(of('thread')[2]).toMatchObject({ id: 2, name: 'MainThread', task: 'checkout' })
})

describe('files', () => {
  test('the ending names the format', () => {
    expect(formatOfFile('out/PROFILE.HTML')).toBe('html')
    expect(formatOfFile('a.speedscope.json')).toBe('speedscope')
    expect(formatOfFile('a.json')).toBe('firefox')
    expect(formatOfFile('a.pb.gz')).toBe('pprof')
    expect(formatOfFile('html')).toBeUndefined()
    expect(formatOfFile('.html')).toBeUndefined()
    for (const name of formatNames) expect(formatOfFile(`a${formats[name].endings[0]}`)).toBe(name)
  })

  test.each(formatNames)('%s: nothing is left of a file that could not be written whole', (format) => {
    const file = path.join(temporaryDirectory(), 'profile')
    const profile = randomProfile({ runs: 100_000 })
    const broken: Profile = {
      ...profile,
      runs: {
        *[Symbol.iterator]() {
          yield* [...profile.runs].slice(0, 1)
          throw new Error('the recording cannot be read on')
        },
      },
    }
    expect(() => writeProfile(broken, format, file)).toThrow('the recording cannot be read on')
    expect(fs.existsSync(file)).toBe(false)
  })

  test.each(formatNames)('%s: a full disk is an error that says so', (format) => {
    expect(() => writeProfile(makeProfile(shop), format, '/dev/full')).toThrow(
      expect.objectContaining({ code: 'OUTPUT_UNWRITABLE' }),
    )
  })

  test.each(formatNames)('%s: a profile without a sample is written', (format) => {
    expect(written(format, makeProfile({ ...shop, runs: [] })).length).toBeGreaterThan(format === 'collapsed' ? -1 : 0)
  })

  test('a format that cannot show a difference says which can', () => {
    expect(() => written('pprof', makeProfile(shop), { old: makeProfile(olderShop) })).toThrow(
      'the format pprof cannot show a difference; html and collapsed can',
    )
  })
})
