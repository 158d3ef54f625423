import { describe, expect, test } from 'vitest'
import { CallSites } from './call-sites.js'

const [SITE, ELSEWHERE] = [0x7f00_0000_1000, 0x7f00_0000_2000]
const [CODE, OTHER] = [0x5500_0000_3000, 0x5500_0000_4000]

describe('a call is known', () => {
  test('when two copies agreed on it twice', () => {
    const calls = new CallSites()
    expect(calls.isKnown(SITE, CODE)).toBe(false)
    calls.prove(SITE, CODE)
    expect(calls.isKnown(SITE, CODE)).toBe(false)
    calls.prove(SITE, CODE)
    expect(calls.isKnown(SITE, CODE)).toBe(true)
    expect(calls.isKnown(SITE, OTHER)).toBe(false)
    expect(calls.isKnown(ELSEWHERE, CODE)).toBe(false)
  })

  test('when one copy showed it often enough', () => {
    const calls = new CallSites()
    repeat(15, () => calls.see(SITE, CODE))
    expect(calls.isKnown(SITE, CODE)).toBe(false)
    calls.see(SITE, CODE)
    expect(calls.isKnown(SITE, CODE)).toBe(true)
  })

  test('not when torn copies showed it now and then', () => {
    const calls = new CallSites()
    repeat(30_000, () => calls.see(SITE, CODE))
    repeat(30, () => calls.see(SITE, OTHER))
    expect(calls.isKnown(SITE, OTHER)).toBe(false)
    repeat(2, () => calls.prove(SITE, OTHER))
    expect(calls.isKnown(SITE, OTHER)).toBe(false)
    // A function that is called seldom, and then stays for long.
    repeat(6, () => calls.prove(SITE, OTHER))
    expect(calls.isKnown(SITE, OTHER)).toBe(true)
  })
})

test('more calls than there was room for', () => {
  const calls = new CallSites()
  for (let site = 1; site <= 5000; site++) repeat(2, () => calls.prove(site * 8, CODE + site))
  for (let site = 1; site <= 5000; site++) expect(calls.isKnown(site * 8, CODE + site)).toBe(true)
  expect(calls.isKnown(8, CODE + 2)).toBe(false)
  calls.forget()
  for (let site = 1; site <= 5000; site++) expect(calls.isKnown(site * 8, CODE + site)).toBe(false)
  calls.prove(8, CODE + 1)
  expect(calls.isKnown(8, CODE + 1)).toBe(false)
})

function repeat(times: number, act: () => void): void {
  for (let time = 0; time < times; time++) act()
}
