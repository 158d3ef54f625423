// Pictures that are held against PNG files, which a person has looked at.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'
import { expect } from 'vitest'

/** 1 is black beside white. Below this a colour is the same: another machine may round it to its neighbour. */
const THRESHOLD = 0.01

/**
 * Holds every pixel of a PNG against `test/golden/<name>.png`; only how an edge is smoothed may differ. REMORA_ACCEPT=1
 * writes the file; otherwise a difference leaves the picture, and what differs in red, where the failure says.
 */
export function expectGoldenPicture(picture: Buffer, name: string): void {
  const file = new URL(`../golden/${name}.png`, import.meta.url)
  if (process.env.REMORA_ACCEPT === '1') fs.writeFileSync(file, picture)
  if (!fs.existsSync(file)) expect.fail(`there is no ${name}.png; REMORA_ACCEPT=1 writes it, for you to look at`)
  const actual = PNG.sync.read(picture)
  const expected = PNG.sync.read(fs.readFileSync(file))
  const { width, height } = expected
  const isSameSize = actual.width === width && actual.height === height
  const difference = new PNG({ width, height })
  const pixels = isSameSize
    ? pixelmatch(expected.data, actual.data, difference.data, width, height, { threshold: THRESHOLD })
    : width * height
  if (pixels === 0) return
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'remora-picture-'))
  fs.writeFileSync(path.join(directory, `${name}.actual.png`), picture)
  if (isSameSize) fs.writeFileSync(path.join(directory, `${name}.difference.png`), PNG.sync.write(difference))
  expect.fail(`${pixels} pixels of ${name}.png are different: see ${directory}; REMORA_ACCEPT=1 takes the new picture`)
}
