// The files of the formats in the hands of the programs that they are for, as far as this machine has them.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type FormatName, writeProfile } from '../../../src/profile/formats/index.js'
import { findBrowser, findProgram } from '../../harness/found-program.js'
import { queryTrace } from '../../harness/perfetto.js'
import { temporaryDirectory } from '../../harness/temporary.js'
import { makeProfile, olderShop, shop, shopCosts } from '../../synthetic-profile.js'

const pprof = findProgram(['pprof', 'go'], 'PPROF')
const callgrindAnnotate = findProgram(['callgrind_annotate'])
// Debian has the former in libdevel-nytprof-perl, but in no folder of PATH.
const flamegraph = findProgram(
  ['flamegraph.pl', '/usr/share/perl5/Devel/NYTProf/flamegraph.pl', 'inferno-flamegraph'],
  'FLAMEGRAPH',
)

const browserPath = findBrowser()
const perfettoUi = process.env.PERFETTO_UI
if (perfettoUi === undefined) console.warn('SKIPPED: PERFETTO_UI does not name a folder with the interface of Perfetto')
const packages = createRequire(import.meta.url)

function write(format: FormatName, options = {}): string {
  const file = path.join(temporaryDirectory(), `shop.${format}`)
  writeProfile(makeProfile(shop), format, file, options)
  return file
}

const costs = Object.entries(shopCosts).map(([name, { self, total }]) => [name, self, total])

/** Go builds its tool at the first use, which takes it half a minute. */
const pprofTimeout = 300_000

test.skipIf(pprof === undefined)('pprof: samples of functions, and of threads', { timeout: pprofTimeout }, () => {
  const file = write('pprof')
  const subcommand = path.basename(pprof as string) === 'go' ? ['tool', 'pprof'] : []
  const run = (...words: string[]): string =>
    execFileSync(pprof as string, [...subcommand, ...words, file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
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
      // flamegraph.pl writes `(item)` for `<item>`.
      ([, name, samples, rest]) => `${name?.replace('(item)', '&lt;item&gt;')} ${samples} ${rest}`,
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

test('Firefox Profiler: samples of functions, by thread', { timeout: 60_000 }, async () => {
  const [profilerCli, PROFILER_CLI_SESSION_DIR] = [
    packages.resolve('@firefox-devtools/profiler-cli'),
    temporaryDirectory(),
  ]
  const run = (...words: string[]): string =>
    execFileSync(process.execPath, [profilerCli, ...words], {
      encoding: 'utf8',
      env: { ...process.env, PROFILER_CLI_SESSION_DIR },
    })
  onTestFinished(() => void run('stop', '--all'))
  await load(write('firefox'), run)
  const sums: Record<string, [self: number, total: number]> = {}
  for (const thread of ['t-0', 't-1', 't-2']) {
    const { functions } = JSON.parse(run('thread', 'functions', '--thread', thread, '--include-idle', '--json'))
    for (const { name, selfSamples, totalSamples } of functions) {
      const [self, total] = sums[name] ?? [0, 0]
      sums[name] = [self + selfSamples, total + totalSamples]
    }
  }
  const found = Object.entries(sums).map(([name, both]) => [name, ...both])
  expect(found.toSorted()).toEqual(costs.toSorted())
  const threads = run('thread', 'list')
  for (const name of ['MainThread', 'worker', 'MainThread: checkout'])
    expect(threads).toMatch(new RegExp(`${name} +Python`))
})

describe.skipIf(browserPath === undefined)('in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: browserPath as string, args: ['--no-sandbox'] })
  })
  afterAll(() => browser.close())

  test('speedscope: functions by own and by all time, thread by thread', async () => {
    const page = await browser.newPage()
    onTestFinished(() => page.close())
    const app = path.join(path.dirname(packages.resolve('speedscope/package.json')), 'dist/release/index.html')
    // What its own command line hands to the page.
    const loader = path.join(temporaryDirectory(), 'profile.js')
    const content = JSON.stringify(fs.readFileSync(write('speedscope')).toString('base64'))
    fs.writeFileSync(loader, `speedscope.loadFileFromBase64("shop", ${content})`)
    await page.goto(`${pathToFileURL(app)}#localProfilePath=${loader}`)
    const rowsOf = async (thread: string, one: string): Promise<string[]> => {
      await page.getByText(thread).waitFor()
      await page.keyboard.press('3')
      const rows = page.locator('table').last().locator('tr')
      await rows.filter({ hasText: one }).waitFor()
      return (await rows.allInnerTexts()).map((row) => row.trim().replaceAll(/\s*\t\s*/g, ', ')).toSorted()
    }
    expect(await rowsOf('MainThread (1/3)', '<GC>')).toEqual([
      '1.00ms (13%), 1.00ms (13%), <GC>',
      '4.00ms (50%), 3.00ms (38%), price; "of" <item>',
      '7.00ms (88%), 3.00ms (38%), Cart.total',
      '8.00ms (100%), 1.00ms (13%), <module>',
    ])
    await page.keyboard.press('n')
    expect(await rowsOf('worker (2/3)', 'größe')).toEqual([
      '3.00ms (60%), 3.00ms (60%), größe',
      '5.00ms (100%), 0.00ns (<0.01%), Thread.run',
      '5.00ms (100%), 2.00ms (40%), fib',
    ])
    await page.keyboard.press('n')
    expect(await rowsOf('MainThread: checkout (3/3)', 'Cart.total')).toEqual([
      '4.00ms (100%), 0.00ns (<0.01%), <module>',
      '4.00ms (100%), 4.00ms (100%), Cart.total',
    ])
  })

  test.skipIf(perfettoUi === undefined)('Perfetto: samples by thread, function and line', async () => {
    const [samples, functions, stacks, times, problems] = await queryTrace(browser, {
      folder: perfettoUi as string,
      trace: write('perfetto'),
      queries: [
        'select t.name, p.name, count(*) from cpu_profile_stack_sample join thread t using (utid) join process p using (upid) group by utid order by 1',
        `select f.name, m.name, f.rel_pc, count(*) from cpu_profile_stack_sample s
         join stack_profile_callsite c on c.id = s.callsite_id join stack_profile_frame f on f.id = c.frame_id
         join stack_profile_mapping m on m.id = f.mapping group by 1, 2, 3 order by 1, 3`,
        `with recursive callers (id, name) as (
           select distinct callsite_id, '' from cpu_profile_stack_sample
           union all select c.parent_id, f.name || ' ' || callers.name from callers
           join stack_profile_callsite c using (id) join stack_profile_frame f on f.id = c.frame_id
         ) select name from callers where id is null order by 1`,
        "select (ts - (select min(ts) from cpu_profile_stack_sample)) / 1000 from cpu_profile_stack_sample join thread t using (utid) where t.name = 'MainThread' order by 1",
        "select name, value from stats where value > 0 and severity in ('error', 'data_loss')",
      ],
    })
    const command = 'python3.14 -m shop --workers 2'
    expect(samples).toEqual([
      ['MainThread', command, 8],
      ['MainThread: checkout', command, 4],
      ['worker', command, 5],
    ])
    expect(functions).toEqual([
      ['<GC>', '/', 0, 1],
      ['<module>', '/srv/shop/app.py', 40, 1],
      ['Cart.total', '/srv/shop/cart.py', 12, 7],
      ['fib', '/srv/shop/fib.py', 3, 2],
      ['größe', '/srv/shop/site-packages/größe.py', 2, 3],
      ['price; "of" <item>', '/srv/shop/prices.py', 7, 3],
    ])
    expect(stacks?.flat()).toEqual([
      '<module> ',
      '<module> Cart.total ',
      '<module> Cart.total price; "of" <item> ',
      '<module> Cart.total price; "of" <item> <GC> ',
      'Thread.run fib fib ',
      'Thread.run fib fib größe ',
    ])
    expect(times?.flat()).toEqual([0, 1000, 2000, 3000, 4000, 5000, 8000, 9000])
    expect(problems).toEqual([])
  })
})

/** Its daemon gets half a second from the tool itself. On a busy machine it takes longer, and goes on loading alone. */
async function load(file: string, run: (...words: string[]) => string): Promise<void> {
  try {
    run('load', file)
  } catch (error) {
    if (!/did not become ready/.test((error as Error).message)) throw error
    await vi.waitUntil(() => answers(() => run('thread', 'list')), 50_000)
  }
}

function answers(ask: () => string): boolean {
  try {
    return ask() !== ''
  } catch {
    return false
  }
}
