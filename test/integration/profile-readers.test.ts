// The files of the formats in the hands of the programs that they are for, as far as this machine has them.

import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type FormatName, writeProfile } from '../../src/profile/formats/index.js'
import { findProgram } from '../harness/found-program.js'
import { temporaryDirectory } from '../harness/temporary.js'
import { makeProfile, olderShop, shop, shopCosts } from '../synthetic-profile.js'

const pprof = findProgram(['pprof'], 'PPROF')
const callgrindAnnotate = findProgram(['callgrind_annotate'])
const flamegraph = findProgram(['flamegraph.pl', 'inferno-flamegraph'], 'FLAMEGRAPH')

function write(format: FormatName, options = {}): string {
  const file = path.join(temporaryDirectory(), `shop.${format}`)
  writeProfile(makeProfile(shop), format, file, options)
  return file
}

const costs = Object.entries(shopCosts).map(([name, { self, total }]) => [name, self, total])

test.skipIf(pprof === undefined)('pprof: samples of functions, and of threads', () => {
  const file = write('pprof')
  const run = (...words: string[]): string =>
    execFileSync(pprof as string, [...words, file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const rows = run('-top', '-sample_index=samples', '-nodefraction=0').matchAll(
    /^ +(\d+) +\S+ +\S+ +(\d+) +\S+ +(.+)$/gm,
  )
  const found = [...rows].map(([, self, total, name]) => [name, Number(self), Number(total)])
  expect(found.toSorted()).toEqual(costs.toSorted())
  expect(run('-top')).toMatch(/Time: 2026-02-03 04:05:06 UTC[\s\S]*Total samples = 18ms/)
  expect(run('-tags')).toMatch(
    /8ms \(44\.44%\): MainThread\n.*6ms \(33\.33%\): worker\n.*4ms \(22\.22%\): MainThread: checkout/,
  )
  expect(run('-list=Cart.total', '-sample_index=samples')).toContain('/srv/shop/cart.py')
})

test.skipIf(callgrindAnnotate === undefined)('callgrind_annotate: own and inclusive costs of functions', () => {
  const file = write('callgrind')
  const run = (...words: string[]): Record<string, number> => {
    const text = execFileSync(callgrindAnnotate as string, ['--auto=no', '--threshold=100', ...words, file], {
      encoding: 'utf8',
    })
    const rows = text.matchAll(/^ *(\d+) \([^)]*\) +[\d,]+ \([^)]*\) +([^:\n]+):(.+?)(?: \[.*)?$/gm)
    return Object.fromEntries([...rows].map(([, samples, , name]) => [name as string, Number(samples)]))
  }
  const self = Object.fromEntries(costs.filter(([, own]) => own !== 0).map(([name, own]) => [name, own]))
  expect(run()).toEqual(self)
  expect(run('--inclusive=yes')).toEqual(Object.fromEntries(costs.map(([name, , total]) => [name, total])))
})

test.skipIf(flamegraph === undefined)('a flame graph program draws the collapsed stacks, and a difference', () => {
  const draw = (file: string): string[] => {
    const svg = execFileSync(flamegraph as string, [file], { encoding: 'utf8' })
    return [...svg.matchAll(/<title>(.*?) \((\d+) samples?, ([^)]*)\)/g)].map(
      ([, name, samples, rest]) => `${name} ${samples} ${rest}`,
    )
  }
  const boxes = draw(write('collapsed'))
  expect(boxes).toContain('price: &quot;of&quot; &lt;item&gt; (shop/prices.py:7) 4 22.22%')
  expect(boxes).toContain('worker 6 33.33%')
  expect(boxes.filter((box) => box.startsWith('fib '))).toHaveLength(2)
  // These programs tell how much a box's own samples changed, without those below it.
  const difference = draw(write('collapsed', { old: makeProfile(olderShop) }))
  expect(difference).toContain('price: &quot;of&quot; &lt;item&gt; (shop/prices.py) 4 22.22%; +16.67%')
})
