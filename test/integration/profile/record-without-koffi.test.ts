// `remora record` and `remora top` where koffi is not installed, and each piece of memory is read by a call of its own:
// the command line alone in a directory, from which no package is found.

import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openRecording } from '../../../src/profile/recording/read-recording.js'
import type { RecordDocument, TopDocument } from '../../../src/session/documents/index.js'
import { interpreters } from '../../harness/interpreters.js'
import { isPossibleInMaze } from '../../harness/maze.js'
import { cliPath, remora } from '../../harness/remora.js'
import { startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

function installAlone(): string {
  const [dist, alone] = [path.dirname(path.dirname(cliPath)), temporaryDirectory()]
  fs.cpSync(dist, alone, { recursive: true, filter: (file) => path.extname(file) === '' || file.endsWith('.cjs') })
  return path.join(alone, 'cli/main.cjs')
}

test('koffi is not found there', async () => {
  const { stdout } = await remora(['doctor', '--json'], { cli: installAlone() })
  const koffi = JSON.parse(stdout).checks.find(({ id }: { id: string }) => id === 'koffi')
  expect(koffi.detail).toContain('koffi does not load')
})

describe.each(interpreters)('$name', (interpreter) => {
  test('a recording of a maze has no stack that it cannot have', async () => {
    const program = await startTarget(interpreter, 'maze.py')
    const calls = (await program.says('calls')) as Record<string, string>
    const file = path.join(temporaryDirectory(), 'a.remora')
    const cli = installAlone()
    const words = ['record', program.pid, '-d', 1, '-r', 0, '-o', file, '--json']
    const { stdout, stderr, code } = await remora(words, { cli })
    expect([code, stderr]).toEqual([0, ''])
    const { samples }: RecordDocument = JSON.parse(stdout)
    const recording = openRecording(file)
    const impossible: string[] = []
    let all = 0
    for (const { length, stacks, counts } of recording.runs) {
      for (let run = 0; run < length; run++) {
        const frames = []
        for (let at = stacks[run] as number; at !== 0; at = recording.stacks.parents[at] as number) {
          const frame = recording.frames[recording.stacks.frames[at] as number]
          if (frame !== undefined) frames.push(frame)
        }
        all += counts[run] as number
        if (!isPossibleInMaze(frames, calls)) impossible.push(frames.map((frame) => frame.function).join(' '))
      }
    }
    recording.close()
    expect(samples).toBeGreaterThan(0)
    expect([impossible, all]).toEqual([[], samples])
    await program.finish()
  })
})

describe.each(interpreters.filter(({ debug }) => !debug))('$name', (interpreter) => {
  test('modes, and one look', async () => {
    const program = await startTarget(interpreter, 'workloads.py', { arguments: ['split'] })
    const cli = installAlone()
    for (const mode of ['cpu', 'gil']) {
      const { stdout } = await remora(['record', program.pid, '-d', 0.3, '--mode', mode, '--json'], { cli })
      const { functions }: RecordDocument = JSON.parse(stdout)
      expect(functions.map(({ function: name }) => name)).toContain('seventy')
    }
    const { stdout, code } = await remora(['top', program.pid, '--json', '--once'], { cli })
    const { functions }: TopDocument = JSON.parse(stdout)
    expect([code, functions.map(({ function: name }) => name)]).toEqual([0, expect.arrayContaining(['seventy'])])
    await program.finish()
  })
})
