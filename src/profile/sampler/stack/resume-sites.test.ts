import { expect, test } from 'vitest'
import { ResumeSites } from './resume-sites.js'

const [SITE, OTHER_SITE] = [0x1000, 0x2000]
const [CODE, OTHER_CODE] = [0x7f00, 0x7f80]

function repeat(times: number, act: () => void): void {
  for (let time = 0; time < times; time++) act()
}

test('what is seen often enough is known, at that site', () => {
  const sites = new ResumeSites()
  repeat(15, () => sites.see(SITE, CODE))
  expect(sites.isKnown(SITE, CODE)).toBe(false)
  sites.see(SITE, CODE)
  expect(sites.isKnown(SITE, CODE)).toBe(true)
  expect(sites.isKnown(OTHER_SITE, CODE)).toBe(false)
  expect(sites.isKnown(SITE, OTHER_CODE)).toBe(false)
})

test('a small part of what is seen is not known', () => {
  const sites = new ResumeSites()
  repeat(1000, () => sites.see(SITE, CODE))
  repeat(100, () => sites.see(SITE, OTHER_CODE))
  expect([sites.isKnown(SITE, CODE), sites.isKnown(SITE, OTHER_CODE)]).toEqual([true, false])
})

test('where the caller mostly goes on meanwhile, sights are nothing', () => {
  const sites = new ResumeSites()
  repeat(100, () => sites.see(SITE, CODE))
  repeat(20, () => sites.lose(SITE))
  expect(sites.isKnown(SITE, CODE)).toBe(true)
  repeat(80, () => sites.lose(SITE))
  expect(sites.isKnown(SITE, CODE)).toBe(false)
})

test('copies that agree are enough if nearly all of them have the same', () => {
  const sites = new ResumeSites()
  repeat(1000, () => sites.lose(SITE))
  repeat(8, () => sites.prove(SITE, CODE))
  expect(sites.isKnown(SITE, CODE)).toBe(true)
  sites.prove(SITE, OTHER_CODE)
  expect(sites.isKnown(SITE, CODE)).toBe(false)
  repeat(100, () => sites.prove(SITE, CODE))
  expect([sites.isKnown(SITE, CODE), sites.isKnown(SITE, OTHER_CODE)]).toEqual([true, false])
})

test('nothing is known of code that was freed', () => {
  const sites = new ResumeSites()
  repeat(20, () => sites.see(SITE, CODE))
  sites.forget()
  expect(sites.isKnown(SITE, CODE)).toBe(false)
})
