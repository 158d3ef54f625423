// Screens and other long texts that are held against files, which a person has looked at.

import fs from 'node:fs'
import { expect } from 'vitest'

/**
 * Holds a screen against `test/golden/<name>.txt`. REMORA_ACCEPT=1 writes the file; otherwise a difference leaves
 * `<name>.actual` beside it.
 * @param replacements What differs from run to run, and what stands for it.
 */
export function expectGolden(
  text: string,
  name: string,
  replacements: readonly [RegExp | string, string][] = [],
): void {
  const file = new URL(`../golden/${name}.txt`, import.meta.url)
  const actual = `${replacements.reduce((result, [from, to]) => result.replaceAll(from, to), text)}\n`
  if (process.env.REMORA_ACCEPT === '1') fs.writeFileSync(file, actual)
  const expected = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
  if (actual !== expected) fs.writeFileSync(new URL(`../golden/${name}.actual`, import.meta.url), actual)
  expect(actual).toBe(expected)
}
