// What is read from memory is what the target says of itself: values against repr(), variables against the frames' own
// f_locals, on every interpreter. Nothing of it may run code in the target or need to write to it.

import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { Classes } from '../../../src/cpython/objects/classes.js'
import { readList } from '../../../src/cpython/objects/containers/sequence.js'
import { readSize } from '../../../src/cpython/objects/size.js'
import { readVariable } from '../../../src/cpython/values/read-variable.js'
import { ValueReader } from '../../../src/cpython/values/value-reader.js'
import type { ValueLimits } from '../../../src/cpython/values/variable.js'
import { attach, type Target } from '../../../src/session/attach.js'
import { interpreters } from '../../harness/interpreters.js'
import { samplePythonValues } from '../../harness/python-values.js'
import { startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

/** REMORA_SEED=1234 npx vitest run test/integration/read/inspect.test.ts repeats a run. */
const seed = Number(process.env.REMORA_SEED ?? Math.floor(Math.random() * 2 ** 31))
const GENERATED = 2000
/** On a machine with much else to do, what changes is waited for again and again. */
const LONG = { timeout: 120_000 }
const NO_LIMITS: ValueLimits = { depth: 100, items: 1_000_000, chars: 10_000_000, mask: undefined }

type Told = [address: number, text: string]

describe.each(interpreters)('$name', (interpreter) => {
  test('one value of every kind reads like its repr()', async () => {
    const program = await startTarget(interpreter, 'values.py')
    const told = (await program.says('values')) as Told[]
    await using target = await attach(program.pid)
    expect(told.length).toBeGreaterThan(250)
    expect(told.map(([address]) => read(target, address))).toEqual(told.map(([, text]) => text))
    const sizes = (await program.says('sizes')) as (number | null)[]
    const found = told.map(([address], index) => (sizes[index] === null ? null : sizeOf(target, address)))
    const off = told.flatMap(([, text], index) =>
      found[index] === sizes[index] ? [] : [`${sizes[index]} ${found[index]} ${text.slice(0, 60)}`],
    )
    expect(off).toEqual([])
    const { exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
  })

  test('a class with a repr() of its own is shown by class and address, whatever it inherits from', async () => {
    const program = await startTarget(interpreter, 'own_reprs.py')
    const told = (await program.says('values')) as Told[]
    await using target = await attach(program.pid)
    expect(told.map(([address]) => read(target, address))).toEqual(told.map(([, text]) => text))
    const { exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
  })

  test(`${GENERATED} generated values read like their repr(), seed ${seed}`, async () => {
    const file = path.join(temporaryDirectory(), 'values.txt')
    const sources = samplePythonValues(GENERATED, seed)
    fs.writeFileSync(file, sources.join('\n'))
    const program = await startTarget(interpreter, 'corpus.py', { arguments: [file] })
    const told = (await program.says('values')) as Told[]
    await using target = await attach(program.pid)
    const wrong = told.flatMap(([address, text], index) => {
      const found = read(target, address)
      return found === text ? [] : [{ source: sources[index], text, found }]
    })
    expect(wrong.slice(0, 5)).toEqual([])
    expect(told).toHaveLength(GENERATED)
    expect(target.inspect(`values[${GENERATED - 1}]`, NO_LIMITS).value.text).toBe(told.at(-1)?.[1])
    await program.finish()
    expect(program.stderr).toBe('')
  })

  test('the variables of every frame are its f_locals', async () => {
    const program = await startTarget(interpreter, 'frame_kinds.py')
    const told = (await program.says('frames')) as Record<string, [name: string, variables: Variables][]>
    await using target = await attach(program.pid)
    for (const [thread, frames] of Object.entries(told)) {
      for (const [number, [name, variables]] of frames.entries()) {
        const { value, consistent } = target.inspect(`@${thread}:${number}`, { ...NO_LIMITS, depth: 1 })
        expect(value.text).toContain(`<frame of ${name}, `)
        expect(consistent).toBe(true)
        const found: Variables = (value.children ?? []).map((child) => [child.name, [child.address, child.text]])
        // Frames of the library hold locks and threads, which have a repr() of their own.
        const isOurs = !/^(Thread|Event|Condition|WeakSet)\b/.test(name)
        expect(isOurs ? found : namesOf(found), `${name} in ${thread}`).toEqual(isOurs ? variables : namesOf(variables))
      }
    }
    await program.finish()
    expect(program.stderr).toBe('')
  })

  test('an item that append() has made room for, and not stored yet, is nothing that was freed before', async () => {
    const program = await startTarget(interpreter, 'appending.py')
    await using target = await attach(program.pid)
    const headers = [await program.says('appending')]
    const readItems = () => target.inspect('__main__.items', NO_LIMITS).value
    // The program waits for its input: nobody is storing anything.
    const text = expect.stringMatching(/^\['first', <broken: the object at 0x[0-9a-f]+ has been freed>\]$/)
    expect(readItems()).toMatchObject({ text, truncated: true })
    if (!interpreter.debug) {
      program.type('')
      headers.push(await program.says('appending'))
      expect(readItems()).toMatchObject({ text, truncated: true })
    }
    expect(headers).toEqual(interpreter.debug ? [expect.any(Number)] : [expect.any(Number), null])
    expect(headers[0]).toBeGreaterThan(0)
    program.type('')
    expect((await program.finish()).result).toEqual(['first', null])
    expect(program.stderr).toBe('')
  })

  test('a list that has got room with its last item is known by that', async () => {
    const program = await startTarget(interpreter, 'growing.py')
    const told = (await program.says('lists')) as [address: number, grew: boolean][]
    await using target = await attach(program.pid)
    const found = told.map(([address]) => readList(target.runtime, address, { limit: 0 }).mayHaveGrown)
    const grown = found.filter((_, index) => told[index]?.[1])
    expect(new Set(grown)).toEqual(new Set([true]))
    // Of those that had room already, few look as if they had not.
    expect(found.filter((one) => one).length).toBeLessThan(found.length / 3)
    await program.finish()
    expect(program.stderr).toBe('')
  })

  test.each([
    // No reading is fast enough for most of these; what counts is that none is believed that should not be.
    { pause: 0, rounds: 100, most: 600 },
    { pause: 1, rounds: 100, most: 250 },
  ])(
    'containers that change every $pause ms are read as they once were, or said to have changed',
    LONG,
    async (speed) => {
      const program = await startTarget(interpreter, 'changing.py', { arguments: [String(speed.pause)] })
      await using target = await attach(program.pid)
      const readings = Array.from({ length: speed.rounds }, () => readChanging(target)).flat()
      const wrong = readings.filter(({ name, text, doubtful }) => !doubtful && !legalTexts[name].test(text))
      const doubtful = readings.filter((one) => one.doubtful).length
      console.log(
        `${interpreter.name}, a change every ${speed.pause} ms: ${readings.length} readings, ${doubtful} said to have changed`,
      )
      expect(wrong).toEqual([])
      expect(doubtful).toBeLessThanOrEqual(speed.most)
      await program.finish()
      expect(program.stderr).toBe('')
    },
  )
})

/** What each container of changing.py can look like at any one moment. */
const legalTexts = {
  pairs: /^\{((\d): \[\2, 'v\2'\](, |(?=\})))*\}$/,
  items: /^\[('i\d+'(, |(?=\])))*\]$/,
  ring: /^deque\(\[(\((\d+), \2\)(, |(?=\])))*\], maxlen=8\)$/,
  members: /^(set\(\)|\{('m\d+'(, |(?=\})))+\})$/,
  frozen: /^\((\d+), \1\)$/,
  regrown: /^\[('own'(, |(?=\])))*\]$/,
} as const

function readChanging(target: Target) {
  return (Object.keys(legalTexts) as (keyof typeof legalTexts)[]).map((name) => {
    const { value, consistent } = target.inspect(`__main__.${name}`, { ...NO_LIMITS, depth: 2 })
    return { name, text: value.text, doubtful: value.truncated === true || !consistent }
  })
}

function sizeOf({ runtime }: Target, address: number): number {
  const classes = new Classes(runtime)
  const info = classes.of(address)
  return readSize(runtime, address, { ...info, isSet: /set$/i.test(info.fullName) })
}

type Variables = [name: string, value: unknown[]][]

function namesOf(variables: Variables): unknown[] {
  return variables.map(([name, [address]]) => [name, address])
}

function read(target: Target, address: number): string {
  return readVariable(new ValueReader(target.runtime, { ...NO_LIMITS }), { name: '', value: address }, 0).text
}
