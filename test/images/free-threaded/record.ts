// Makes the images of this folder: compiles `drawn.c` with the headers of each CPython that HEADERS names, starts it, and
// keeps the pages that are read. Started by `HEADERS=/usr/include/python3.14 vitest run --mode record-drawn`; it is no test.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findRuntime } from '../../../src/cpython/runtime/find-runtime.js'
import { formatImage } from '../../../src/memory/image.js'
import { openLinuxMemory } from '../../../src/memory/linux.js'
import { RecordingMemory } from '../../../src/memory/recording.js'
import { parseMaps } from '../../../src/process/maps.js'
import { findRecordedRuntime } from '../open-image.js'
import { drawnFolder, type Layout, readDrawn, SUFFIX } from './open-drawn.js'

const MAX_IMAGE_BYTES = 64 * 1024
const folders = (process.env.HEADERS ?? '').split(':').filter(Boolean)

describe('record an image of the structures in', () => {
  test.each(folders)('%s', async (headers) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'drawn-'))
    onTestFinished(() => fs.rmSync(folder, { recursive: true }))
    const program = path.join(folder, 'drawn')
    compile(headers, program)
    const child = spawn(program, { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [line] = (await once(readline.createInterface({ input: child.stdout }), 'line')) as [string]
    const file = record(child.pid as number, JSON.parse(line))
    expect(file.length).toBeLessThan(MAX_IMAGE_BYTES)
    fs.writeFileSync(path.join(drawnFolder, `drawn-${path.basename(headers)}t${SUFFIX}`), file)
  })
})

function compile(headers: string, program: string): void {
  const includes = [headers, path.join(headers, 'internal'), path.dirname(headers)].map((folder) => `-I${folder}`)
  const options = ['-std=c11', '-D_GNU_SOURCE', '-DPy_GIL_DISABLED=1', '-pthread']
  execFileSync('cc', [...options, ...includes, '-o', program, path.join(drawnFolder, 'drawn.c')])
}

function record(pid: number, expected: Layout): Buffer {
  const memory = new RecordingMemory(openLinuxMemory(pid, 'read'))
  try {
    const [maps, status] = ['maps', 'status'].map((name) => fs.readFileSync(`/proc/${pid}/${name}`, 'utf8')) as [
      string,
      string,
    ]
    const runtime = findRuntime({ pid, memory, mappings: parseMaps(maps) })
    findRecordedRuntime({ maps }, memory)
    readDrawn(runtime)
    const shows = 'the structures of a free-threaded build (test/images/free-threaded/drawn.c)'
    const facts = { python: runtime.version.text, shows, pid, maps, status, runtime: runtime.address, expected }
    return formatImage({ facts, pages: memory.copyPages() })
  } finally {
    memory.close()
  }
}
