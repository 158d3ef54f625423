// `remora convert` on recordings of a live program.

import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { Ajv } from 'ajv'
import { Profile as Pprof } from 'pprof-format'
import { describe, expect, test } from 'vitest'
import { formatNames, formats } from '../../../src/profile/formats/index.js'
import type { ConvertDocument, RecordDocument } from '../../../src/session/documents/index.js'
import { anyInterpreter, interpreters } from '../../harness/interpreters.js'
import { remora } from '../../harness/remora.js'
import { startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

describe.each(interpreters)('$name', (interpreter) => {
  test('every format has all samples of the recording', { timeout: 60_000 }, async () => {
    const { pid } = await startTarget(interpreter, 'busy.py')
    const folder = temporaryDirectory()
    const recording = path.join(folder, 'new.remora')
    await remora(['record', String(pid), '--duration', '0.5', '-o', recording])
    let samples = 0
    for (const name of formatNames) {
      const output = path.join(folder, `new${formats[name].endings[0]}`)
      const { code, stdout, stderr } = await remora(['convert', recording, '-o', output, '--json'])
      expect([code, stderr]).toEqual([0, ''])
      const document: ConvertDocument = JSON.parse(stdout)
      expect(document).toMatchObject({ format: name, output, bytes: fs.statSync(output).size })
      samples = document.samples
      expect(samplesOf[name]?.(fs.readFileSync(output)) ?? samples, name).toBe(samples)
    }
    expect(samples).toBeGreaterThan(0)
  })
})

type Reader = (file: Buffer) => number

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
const linesOf = (file: Buffer): string[] => file.toString().trimEnd().split('\n')

/** How many samples a file has; the others have no counts, or are tested elsewhere. */
const samplesOf: Readonly<Partial<Record<string, Reader>>> = {
  collapsed: (file) => sum(linesOf(file).map((line) => Number(line.split(' ').at(-1)))),
  jsonl: (file) =>
    sum(
      linesOf(file)
        .map((line) => JSON.parse(line))
        .flatMap((line) => (line.type === 'runs' ? line.samples : [])),
    ),
  pprof: (file) => sum(Pprof.decode(gunzipSync(file)).sample.map(({ value }) => Number(value[0]))),
  firefox: (file) => sum(JSON.parse(file.toString()).threads.flatMap((thread: FirefoxThread) => thread.samples.weight)),
}

interface FirefoxThread {
  readonly samples: { readonly weight: number[] }
}

test('what cannot be converted is an error that says why, and leaves nothing', { timeout: 60_000 }, async () => {
  const { pid } = await startTarget(anyInterpreter, 'busy.py')
  const folder = temporaryDirectory()
  const recording = path.join(folder, 'new.remora')
  await remora(['record', String(pid), '--duration', '0.2', '-o', recording])
  const file = (name: string): string => path.join(folder, name)
  fs.writeFileSync(file('other'), 'something else')
  const cases = [
    [[recording, '-o', file('a.xyz')], 'USAGE', /names no format; these do: \.html \.speedscope\.json/],
    [[recording, '-o', file('a.html'), '-f', 'svg'], 'USAGE', /no format svg; there are html, speedscope/],
    [[recording, '-o', file('a.pb.gz'), '--diff', recording], 'USAGE', /pprof cannot show a difference; html and/],
    [[recording], 'USAGE', /the file to write with -o/],
    [[recording, '-o', recording, '-f', 'html'], 'USAGE', /new\.remora would be overwritten/],
    [[file('other'), '-o', recording, '-f', 'html', '--diff', recording], 'USAGE', /new\.remora would be overwritten/],
    [[file('other'), '-o', file('a.html')], 'RECORDING_INVALID', /other is no recording/],
    [[file('none'), '-o', file('a.html')], 'RECORDING_INVALID', /cannot open/],
    [[recording, '-o', '/dev/full', '-f', 'html'], 'OUTPUT_UNWRITABLE', /the disk is full/],
    [[recording, '-o', file('no/where.html')], 'OUTPUT_UNWRITABLE', /the directory does not exist/],
  ] as const
  for (const [words, code, message] of cases) {
    const result = await remora(['convert', ...words, '--json'])
    expect(result.code).toBe(2)
    expect(JSON.parse(result.stdout)).toMatchObject({ code, message: expect.stringMatching(message) })
  }
  expect(fs.readdirSync(folder).toSorted()).toEqual(['new.remora', 'other'])
  expect((await remora(['convert', recording, '-o', file('good.jsonl')])).code).toBe(0)
})

test('the document is as its schema says, and a difference of a recording to itself is none', async () => {
  const { pid } = await startTarget(anyInterpreter, 'busy.py')
  const folder = temporaryDirectory()
  const recording = path.join(folder, 'new.remora')
  await remora(['record', String(pid), '--duration', '0.2', '-o', recording])
  const output = path.join(folder, 'new.collapsed')
  const { stdout } = await remora(['convert', recording, '--diff', recording, '-o', output, '--json'])
  for (const line of linesOf(fs.readFileSync(output))) expect(line).toMatch(/ (\d+) \1$/)
  expect(JSON.parse(stdout).difference).toEqual({ old: recording, functions: [] })
  const schema = JSON.parse(fs.readFileSync(`${root}/dist/schemas/convert.json`, 'utf8'))
  expect(new Ajv({ allErrors: true }).validate(schema, JSON.parse(stdout))).toBe(true)
})

test('record writes any format itself, and keeps the recording only where that fails', {
  timeout: 60_000,
}, async () => {
  const { pid } = await startTarget(anyInterpreter, 'busy.py')
  const folder = temporaryDirectory()
  const output = path.join(folder, 'new.collapsed')
  const record = (...words: string[]) => remora(['record', pid, '--duration', '0.2', ...words, '--json'])
  const { stdout } = await record('-o', output)
  const document: RecordDocument = JSON.parse(stdout)
  expect(document.output).toBe(output)
  expect(samplesOf.collapsed?.(fs.readFileSync(output))).toBe(document.samples)
  expect(fs.readdirSync(folder)).toEqual(['new.collapsed'])

  const recording = path.join(folder, 'old.remora')
  await record('-o', recording)
  const compared = await record('-o', path.join(folder, 'diff.html'), '--diff', recording)
  expect(JSON.parse(compared.stdout).difference.old).toBe(recording)
  const asText = await remora(['convert', recording, '--diff', recording, '-o', path.join(folder, 'diff.html')])
  expect(asText.stdout).toContain('\n\nNo function has another share of the samples since old.remora.\n')
  const refused = await record('-o', path.join(folder, 'a.pb.gz'), '--diff', recording)
  expect(JSON.parse(refused.stdout)).toMatchObject({ code: 'USAGE' })
  fs.mkdirSync(path.join(folder, 'taken.html'))
  const failed = await record('-o', path.join(folder, 'taken.html'))
  expect(JSON.parse(failed.stdout)).toMatchObject({ code: 'OUTPUT_UNWRITABLE' })
  expect(fs.readdirSync(folder).toSorted()).toEqual([
    'diff.html',
    'new.collapsed',
    'old.remora',
    'taken.html',
    'taken.html.remora',
  ])
})
