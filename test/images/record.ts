// Makes the images: starts `test/programs/parked` on every interpreter that is here, waits for the line in which it
// says what it is, reads all there is to read, and keeps the pages that were read. Started by `npm run record-image`;
// it is no test, and writes into the folder it lies in.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { describe, expect, test } from 'vitest'
import { findPythons } from '../../scripts/pythons.mjs'
import { findAsyncioOffsets } from '../../src/cpython/asyncio/find-asyncio-offsets.js'
import { findRuntime } from '../../src/cpython/runtime/find-runtime.js'
import { formatImage, type Image } from '../../src/memory/image.js'
import { openLinuxMemory } from '../../src/memory/linux.js'
import { RecordedMemory } from '../../src/memory/recorded.js'
import { RecordingMemory } from '../../src/memory/recording.js'
import { parseMaps } from '../../src/process/maps.js'
import { readActivity } from '../../src/process/threads/threads.js'
import { concealFolder } from './conceal-folder.js'
import { type Expected, findRecordedRuntime, imagesFolder } from './open-image.js'
import { readEverything, readTasks, readValues, touchObjects } from './read-everything.js'

const MAX_IMAGE_BYTES = 800 * 1024
const checkout = path.dirname(path.dirname(imagesFolder))

describe('record an image of', () => {
  test.each(findPythons())('$name', async ({ name, path: python }) => {
    // A clean environment: what the recorder's own holds is nobody's business.
    const child = spawn(python, ['-B', path.join(checkout, 'test/programs/parked')], {
      env: { LANG: 'C.UTF-8', PYTHON_COLORS: '0' },
      cwd: '/',
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    try {
      const image = concealFolder(await record(child), checkout)
      const file = formatImage(image)
      expect(file.length).toBeLessThan(MAX_IMAGE_BYTES)
      expect(readEverything(findRecordedRuntime(image.facts, new RecordedMemory(image.pages))).names.size).toBeGreaterThan(1)
      fs.writeFileSync(path.join(imagesFolder, `parked-${name}.image.gz`), file)
    } finally {
      child.kill('SIGKILL')
    }
  })
})

async function record(child: ChildProcess): Promise<Image> {
  const [line] = (await once(readline.createInterface({ input: child.stdout! }), 'line')) as [string]
  const told = JSON.parse(line) as Omit<Expected, 'asyncio'>
  const pid = child.pid!
  while (!isReading(pid)) await new Promise(setImmediate)
  const memory = new RecordingMemory(openLinuxMemory(pid, 'read'))
  const [maps, status] = ['maps', 'status'].map((name) => fs.readFileSync(`/proc/${pid}/${name}`, 'utf8')) as [
    string,
    string,
  ]
  try {
    // Once through its files, as usual, and once through its memory alone, which is all that an image has.
    const runtime = findRuntime({ pid, memory, mappings: parseMaps(maps) })
    findRecordedRuntime({ maps }, memory)
    readEverything(runtime)
    touchObjects(runtime, told.objects)
    const asyncio = findAsyncioOffsets(pid, runtime, parseMaps(maps))
    if (asyncio === undefined) throw new Error('the program has no asyncio')
    const expected: Expected = { ...told, asyncio }
    readTasks(runtime, asyncio)
    readValues(runtime, told)
    const shows = 'threads that wait for ever in calls of every kind (test/programs/parked)'
    const facts = { python: runtime.version.text, shows, pid, maps, status, runtime: runtime.address, expected }
    return { facts, pages: memory.copyPages() }
  } finally {
    memory.close()
  }
}

/** Whether the main thread waits for its input, as it does for ever after it has said its line. */
function isReading(pid: number): boolean {
  const activity = readActivity(pid, pid)
  return typeof activity === 'object' && activity.name === 'read'
}
