// What cannot be read for good says why, and what is within itself, or shared many times over, costs little.

import { describe, expect, test } from 'vitest'
import { readVariable } from '../../../src/cpython/values/read-variable.js'
import { MAX_CHARS, ValueReader } from '../../../src/cpython/values/value-reader.js'
import type { Variable } from '../../../src/cpython/values/variable.js'
import { attach } from '../../../src/session/attach.js'
import { interpreters } from '../../harness/interpreters.js'
import { startTarget } from '../../harness/target.js'

/** On a machine with much else to do. */
const LONG = { timeout: 120_000 }

describe.each(interpreters)('$name', (interpreter) => {
  test('what is broken says so, and why', async () => {
    const program = await startTarget(interpreter, 'broken.py')
    const made = (await program.says('broken')) as Record<string, number>
    await using target = await attach(program.pid)
    const hex = (name: string) => `0x${made[name]?.toString(16)}`
    const { value } = target.inspect('__main__.holder')
    const inDict = value.children?.[1]?.text
    expect(inDict).toMatch(/^<broken: the table of a dict at 0x[0-9a-f]+ does not fit together>$/)
    expect(value).toMatchObject({ text: `['before', ${inDict}, 'after']`, truncated: true })
    expect(value.children?.[1]).toMatchObject({ type: 'dict', text: inDict, truncated: true })
    const read = (name: string) => {
      const reader = new ValueReader(target.runtime, {}, { barrier: { isNeeded: () => false, wait: () => true } })
      return readVariable(reader, { name: '', value: made[name] as number })
    }
    const reasons = {
      int: 'an int of 1099511627776 digits is not credible',
      str: `there is no string at ${hex('str')}`,
      list: `the sequence at ${hex('list')} does not fit together`,
      set: `the set at ${hex('set')} does not fit together`,
      freed: `the object at ${hex('freed')} has been freed`,
    }
    for (const [name, reason] of Object.entries(reasons)) {
      expect(read(name), name).toMatchObject({ text: `<broken: ${reason}>`, truncated: true })
    }
    expect(read('dict').text).toBe(inDict)
    expect(read('classless')).toMatchObject({
      type: '?',
      text: expect.stringMatching(/^<broken: there is no class at 0x/),
    })
    expect(read('nowhere')).toMatchObject({ type: '?', text: expect.stringMatching(/^<broken: .* 0x10/) })
    // Whether anybody is changing it is not known here.
    const unknown = readVariable(new ValueReader(target.runtime), { name: '', value: made.int as number })
    expect(unknown.text).toBe(`<unreadable: ${reasons.int}>`)
    program.type('')
    expect((await program.finish()).exit).toBe(0)
    expect(program.stderr).toBe('')
  })

  test('what may be in the midst of a change is not said to be broken', async () => {
    const program = await startTarget(interpreter, 'broken.py')
    const made = (await program.says('broken')) as Record<string, number>
    await using target = await attach(program.pid)
    const reader = new ValueReader(target.runtime, {}, { barrier: { isNeeded: () => true, wait: () => false } })
    const { text } = readVariable(reader, { name: '', value: made.dict as number })
    expect(text).toBe('<changed while it was read>')
    program.type('')
    await program.finish()
  })

  test('what is within itself is opened once, and what is shared has as much text as there may be', LONG, async () => {
    const program = await startTarget(interpreter, 'broken.py')
    await using target = await attach(program.pid)
    const ring = target.inspect('__main__.ring', { depth: 200 }).value
    expect(ring.text).toBe("Node(left=..., right=..., name='node')")
    expect(countAll(ring)).toBe(4)
    const shared = target.inspect('__main__.shared', { depth: 20 }).value
    const chars = sumAll(shared)
    expect(chars).toBeGreaterThan(MAX_CHARS)
    // The last text may go beyond it, and all that is then left is a mark for each item that is not read any more.
    expect(chars).toBeLessThan(MAX_CHARS + 400 + 400 + 20 * 50)
    program.type('')
    await program.finish()
  })
})

function countAll(variable: Variable): number {
  return (variable.children ?? []).reduce((count, child) => count + countAll(child), 1)
}

function sumAll({ name, text, children = [] }: Variable): number {
  return children.reduce((sum, child) => sum + sumAll(child), name.length + text.length)
}
