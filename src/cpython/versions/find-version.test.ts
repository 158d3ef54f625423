// Facts of a version stand in this folder and nowhere else: whoever needs one elsewhere asks for it by its name.

import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findVersion, isTooOld, nameOf, supportedVersions } from './find-version.js'

const source = path.join(import.meta.dirname, '../..')
const HERE = 'cpython/versions/'
/** Versions of something else than the target's Python. */
const OTHERS = new Map([
  ['session/doctor/machine.ts', "Node's"],
  ['pdb/protocol.ts', "the number that pdb's protocol has for a version"],
])

test('every version has a module, which is called as it is', () => {
  expect(supportedVersions.length).toBeGreaterThan(0)
  for (const name of supportedVersions) expect(findVersion(name)?.name).toBe(name)
  const files = fs.readdirSync(import.meta.dirname).filter((file) => /^3-\d+\.ts$/.test(file))
  expect(files.map((file) => file.replace('-', '.').replace(/\.ts$/, '')).toSorted()).toEqual(
    [...supportedVersions].toSorted(),
  )
})

test.each([
  ['2.7', true],
  ['3.9.2', true],
  ['3.13', true],
  [supportedVersions[0] as string, false],
  ['3.100', false],
  ['4.0', false],
])('%s is too old: %s', (version, expected) => {
  expect(isTooOld(version)).toBe(expected)
})

test('a version is called by its first two numbers', () => {
  expect([nameOf('3.11.4'), nameOf('3.15.0rc2'), nameOf('3.9')]).toEqual(['3.11', '3.15', '3.9'])
})

test('no other file looks at the number of a version', () => {
  const found = sourceFiles().flatMap((file) => {
    const code = withoutComments(fs.readFileSync(path.join(source, file), 'utf8'))
    return [...code.matchAll(/\b(?:minor|micro)\b|['"`]3\.\d+/g)].map(([match]) => `${file}: ${match}`)
  })
  expect(found).toEqual([])
})

/** Those that have no business with numbers of versions. */
function sourceFiles(): string[] {
  return (fs.readdirSync(source, { recursive: true }) as string[]).filter(
    (file) => /\.tsx?$/.test(file) && !/\.test\.ts$/.test(file) && !file.startsWith(HERE) && !OTHERS.has(file),
  )
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}
