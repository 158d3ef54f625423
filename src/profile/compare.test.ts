import { expect, test } from 'vitest'
import { makeProfile, olderShop, shop } from '../../test/synthetic-profile.js'
import { compareFunctions } from './compare.js'

test('what one function has lost another one has gained', () => {
  const changes = compareFunctions(makeProfile(shop), makeProfile(olderShop))
  expect(changes.toSorted((a, b) => a.now - b.now)).toEqual([
    { function: 'discount', file: '/srv/shop/prices.py', line: 28, before: 3 / 18, now: 0 },
    { function: 'price; "of" <item>', file: '/srv/shop/prices.py', line: 5, before: 0, now: 3 / 18 },
  ])
})

test('neither another length nor other lines are a change', () => {
  const longer = {
    ...shop,
    frames: shop.frames.map((frame) => ({ ...frame, line: frame.line + 7, firstLine: frame.firstLine + 7 })),
    runs: shop.runs.map((run) => ({ ...run, count: run.count * 10 })),
  }
  expect(compareFunctions(makeProfile(shop), makeProfile(longer))).toEqual([])
})

test('the largest change comes first, and an empty profile has no shares', () => {
  const changes = compareFunctions(makeProfile({ ...shop, runs: [] }), makeProfile(shop))
  expect(changes.map(({ function: name }) => name).slice(0, 2)).toEqual(['Cart.total', 'price; "of" <item>'])
  expect(changes.every(({ now }) => now === 0)).toBe(true)
})
