// The page of the `html` format in a real browser, opened from its file: clicked, typed into, looked at. What a canvas
// shows cannot be asked of it, so the page tells where its boxes are; where a box is said to be, its colour has to be.

import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { writeProfile } from '../../../src/profile/formats/index.js'
import type { Profile } from '../../../src/profile/profile.js'
import { findBrowser } from '../../harness/found-program.js'
import { expectGoldenPicture } from '../../harness/golden-picture.js'
import { temporaryDirectory } from '../../harness/temporary.js'
import { makeProfile, olderShop, randomProfile, shop } from '../../synthetic-profile.js'

const executablePath = findBrowser()

const sources: Readonly<Record<string, string>> = {
  '/srv/shop/prices.py': '\n\n\n\ndef price(item):\n    base = item.base\n    return base * item.rate\n\n',
}

/**
 * What a picture would show of the machine and not of the page is left out of it, so there are no letters: no font is
 * drawn, and none moves anything, as all letters are 6 pixels wide. (Those of the search take part in no layout: they
 * are made transparent, since nobody can type what has no height.) The browser's own arrows and crosses are gone, too.
 */
const WITHOUT_FONTS = `
  body, body * { font-size: 0 !important; line-height: 19px !important; letter-spacing: 6px !important }
  input, ::placeholder { font-size: 13px !important; color: transparent !important }
  select, input, ::-webkit-search-cancel-button { appearance: none !important }`
/** With it the graph is 864 pixels wide, so that each of 18 samples, and each of 12, begins and ends with a whole pixel. */
const PICTURE_SIZE = { width: 1296, height: 500 }

interface VisibleBox {
  readonly label: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly selected: boolean
}

describe.skipIf(executablePath === undefined)('the page', { timeout: 60_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    // Inside a container there is no sandbox to be had, and the page is our own.
    browser = await chromium.launch({ executablePath: executablePath as string, args: ['--no-sandbox'] })
  })
  afterAll(() => browser.close())

  async function open(
    profile: Profile,
    { old, colorScheme }: { old?: Profile; colorScheme?: 'light' | 'dark' } = {},
  ): Promise<Page> {
    const file = path.join(temporaryDirectory(), 'profile.html')
    writeProfile(profile, 'html', file, { readSource: (name) => sources[name], ...(old === undefined ? {} : { old }) })
    const page = await browser.newPage({ viewport: { width: 1300, height: 700 }, colorScheme: colorScheme ?? 'light' })
    onTestFinished(() => page.close())
    page.on('pageerror', (error) => expect.unreachable(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) expect.unreachable(request.url())
    })
    await page.goto(pathToFileURL(file).href)
    await page.getByRole('img', { name: 'Flame graph' }).waitFor()
    return page
  }

  const boxes = (page: Page): Promise<VisibleBox[]> => page.evaluate('remoraFlame.visibleBoxes()')
  const labels = async (page: Page): Promise<string[]> => (await boxes(page)).map(({ label }) => label)
  async function box(page: Page, label: string): Promise<VisibleBox> {
    const found = (await boxes(page)).find((one) => one.label === label)
    if (found === undefined) throw new Error(`no box ${label} is in view`)
    return found
  }
  async function click(page: Page, label: string, clicks: 'click' | 'dblclick' = 'click'): Promise<void> {
    const { x, y } = await box(page, label)
    await page.mouse[clicks](x + 4, y + 10)
  }
  /** The colour of a pixel of the canvas, at a place in the window. */
  const colorAt = (page: Page, x: number, y: number): Promise<string> =>
    page.evaluate<string>(`{
      const canvas = document.querySelector('canvas')
      const { left, top } = canvas.getBoundingClientRect()
      const pixel = canvas.getContext('2d').getImageData(${x} - left, ${y} - top, 1, 1).data
      ;[...pixel].slice(0, 3).join(' ')
    }`)
  const drawn = (page: Page): Promise<void> =>
    page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())))')

  test('shows calls by weight, the heaviest first, as wide as their samples', async () => {
    const page = await open(makeProfile(shop))
    expect(await page.title()).toBe('python3.14 -m shop --workers 2 · Remora')
    expect(await page.getByRole('heading').textContent()).toBe('python3.14 -m shop --workers 2')
    expect(await labels(page)).toEqual([
      'all',
      '<module>',
      'Thread.run',
      'Cart.total',
      'fib',
      'price; "of" <item>',
      'fib',
      '<GC>',
      'größe',
    ])
    const whole = (await box(page, 'all')).width
    expect((await box(page, '<module>')).width / whole).toBeCloseTo(12 / 18, 5)
    expect((await box(page, 'größe')).width / whole).toBeCloseTo(3 / 18, 5)
  })

  test('draws a box where it says that one is, and nothing beside it', async () => {
    const page = await open(makeProfile(shop))
    await drawn(page)
    const { x, y, width } = await box(page, 'größe')
    const background = await colorAt(page, x + width + 20, y + 2)
    expect(background).toBe('255 253 250')
    const fill = await colorAt(page, x + width / 2, y + 2)
    const [red = 0, green = 0, blue = 0] = fill.split(' ').map(Number)
    // It lies in site-packages: green.
    expect(green).toBeGreaterThan(red)
    expect(green).toBeGreaterThan(blue)
  })

  test('a click shows the lines of a function, with their source', async () => {
    const page = await open(makeProfile(shop))
    await click(page, 'price; "of" <item>')
    await page.getByRole('heading', { name: 'price; "of" <item>' }).waitFor()
    expect(await page.locator('.figures').textContent()).toMatch(/16\.7 %\s+self\s+22\.2 %\s+total/)
    const rows = await page.locator('.lines tbody tr').allInnerTexts()
    expect(rows.map((row) => row.split('\t').map((cell) => cell.trim()))).toContainEqual([
      '16.7 %',
      '22.2 %',
      '7',
      'return base * item.rate',
    ])
    await page.getByRole('button', { name: 'All functions' }).click()
    expect(await page.locator('.functions tbody tr').count()).toBe(7)
  })

  test('a double click zooms in, Escape zooms out', async () => {
    const page = await open(makeProfile(shop))
    await click(page, 'Thread.run', 'dblclick')
    expect(await labels(page)).toEqual(['all', 'Thread.run', 'fib', 'fib', 'größe'])
    await page.keyboard.press('Escape')
    expect(await labels(page)).toContain('<module>')
  })

  test('a search says how many samples it finds, and leaves the others pale', async () => {
    const page = await open(makeProfile(shop))
    await page.keyboard.press('/')
    await page.keyboard.type('fib.py')
    expect(await page.locator('.matched').textContent()).toBe('27.8 %')
    expect(await page.locator('.functions .name').allInnerTexts()).toEqual(['fib'])
    await drawn(page)
    const found = await box(page, 'fib')
    const other = await box(page, 'Cart.total')
    const [faded, bright] = [
      await colorAt(page, other.x + 200, other.y + 2),
      await colorAt(page, found.x + 100, found.y + 2),
    ]
    const chroma = (color: string): number => {
      const parts = color.split(' ').map(Number)
      return Math.max(...parts) - Math.min(...parts)
    }
    expect(chroma(bright)).toBeGreaterThan(chroma(faded) + 20)
  })

  test('a thread and a task can be looked at alone, by weight and by time', async () => {
    const page = await open(makeProfile(shop))
    const selector = page.getByRole('combobox', { name: 'Thread or task' })
    await selector.selectOption({ label: 'worker · 6' })
    expect(await labels(page)).toEqual(['all', 'Thread.run', 'fib', 'fib', 'größe'])
    await page.getByRole('tab', { name: 'Time order' }).click()
    const lane = await box(page, 'worker')
    const run = await box(page, 'Thread.run')
    expect(run.width / lane.width).toBeCloseTo(0.5, 5)
    expect((await box(page, 'größe')).x - lane.x).toBeCloseTo(lane.width * 0.2, 5)
    await selector.selectOption('2')
    expect(await labels(page)).toEqual(['MainThread: checkout', '<module>', 'Cart.total'])
    expect((await box(page, '<module>')).x - lane.x).toBeCloseTo(lane.width * 0.5, 5)
  })

  test('the keys go from box to box, between views, and through the threads', async () => {
    const page = await open(makeProfile(shop))
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown'])
      await page.keyboard.press(key)
    expect((await boxes(page)).filter(({ selected }) => selected).map(({ label }) => label)).toEqual(['größe'])
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    expect(await labels(page)).not.toContain('<module>')
    await page.keyboard.press('2')
    expect(await page.getByRole('tab', { name: 'Time order' }).getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('t')
    expect(await page.getByRole('combobox').inputValue()).toBe('0')
    await page.keyboard.press('?')
    expect(await page.getByRole('dialog').textContent()).toContain('search by name or file')
  })

  test('a difference shows what grew and what shrank', async () => {
    const page = await open(makeProfile(shop), { old: makeProfile(olderShop) })
    const names = await page.locator('.functions .name').allInnerTexts()
    const changes = await page.locator('.functions td:last-child').allInnerTexts()
    expect(names.slice(0, 2).toSorted()).toEqual(['discount', 'price; "of" <item>'])
    expect(changes.slice(0, 2).toSorted()).toEqual(['+16.7', '−16.7'])
    expect(await labels(page)).not.toContain('discount')
    await drawn(page)
    const grown = await box(page, 'price; "of" <item>')
    const [red = 0, , blue = 0] = (await colorAt(page, grown.x + grown.width - 12, grown.y + 2)).split(' ').map(Number)
    expect(red).toBeGreaterThan(blue + 60)
    await page.getByRole('tab', { name: 'Before' }).click()
    expect(await labels(page)).toContain('discount')
  })

  test('is dark where the reader wants it dark, and can be changed', async () => {
    const page = await open(makeProfile(shop), { colorScheme: 'dark' })
    const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(await background()).toBe('rgb(23, 22, 20)')
    await page.getByRole('button', { name: 'Light or dark' }).click()
    await drawn(page)
    expect(await background()).toBe('rgb(255, 253, 250)')
  })

  describe.each(['light', 'dark'] as const)('%s, to the pixel:', (colorScheme) => {
    async function openPicture(): Promise<Page> {
      const page = await open(makeProfile(shop), { colorScheme })
      await page.setViewportSize(PICTURE_SIZE)
      await page.evaluate('CanvasRenderingContext2D.prototype.fillText = () => {}')
      await page.addStyleTag({ content: WITHOUT_FONTS })
      return page
    }
    async function expectPicture(page: Page, name: string): Promise<void> {
      // Away from the graph, which says what is below the mouse.
      await page.mouse.move(0, 0)
      await drawn(page)
      expectGoldenPicture(await page.screenshot(), `page-${name}-${colorScheme}`)
    }

    test('all of it', async () => expectPicture(await openPicture(), 'whole'))

    test('zoomed in, with the lines of a function', async () => {
      const page = await openPicture()
      await click(page, '<module>', 'dblclick')
      await click(page, 'price; "of" <item>')
      await expectPicture(page, 'zoomed')
    })

    test('searched', async () => {
      const page = await openPicture()
      await page.keyboard.press('/')
      await page.keyboard.type('fib.py')
      await expectPicture(page, 'searched')
    })
  })

  test('a large profile is there within seconds, and moves at once', async () => {
    const page = await open(randomProfile({ runs: 300_000, longest: 60 }))
    expect((await boxes(page)).length).toBeGreaterThan(500)
    await page.keyboard.press('2')
    expect((await boxes(page)).length).toBeGreaterThan(20)
    const ms = await page.evaluate<number>(`(async () => {
      const canvas = document.querySelector('canvas')
      const begin = performance.now()
      for (let step = 0; step < 20; step++) {
        canvas.dispatchEvent(new WheelEvent('wheel', { deltaY: step < 10 ? -120 : 120, ctrlKey: true, cancelable: true }))
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
      return (performance.now() - begin) / 20
    })()`)
    expect(ms).toBeLessThan(500)
    const picture = await page.screenshot()
    expect(picture.length).toBeGreaterThan(20_000)
    if (process.env.REMORA_SCREENSHOT) fs.writeFileSync(process.env.REMORA_SCREENSHOT, picture)
  })
})
