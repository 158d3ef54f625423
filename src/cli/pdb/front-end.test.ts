import { expect, test } from 'vitest'
import type { BlockState } from '../../pdb/agent-transport.js'
import type { OpenPrompt } from '../../pdb/serve-front-end.js'
import { LineFrontEnd } from './front-end.js'

const prompt: OpenPrompt = { prompt: '(Pdb) ', state: 'pdb', isCommand: () => false, complete: async () => [] }

/** A front-end at whose prompt lines are typed, and what the target then says of each block. */
function typing(typed: readonly string[], states: readonly BlockState[], onCheck: (frontEnd: LineFrontEnd) => void) {
  const [lines, answers] = [[...typed], [...states]]
  const frontEnd = new LineFrontEnd({
    lines: { readLine: async () => ({ line: lines.shift() ?? '' }), close: () => {} },
    write: async () => {},
    page: async () => {},
    checkBlock: async () => {
      onCheck(frontEnd)
      return answers.shift() ?? { complete: true }
    },
  })
  return frontEnd
}

test.each([
  ['a whole statement', [{ complete: true }]],
  ['one that goes on', [{ complete: false }]],
  ['one that is none', [{ error: '*** SyntaxError' }]],
] satisfies [string, BlockState[]][])('Ctrl-C while the target looks at %s gives it up', async (_, states) => {
  const frontEnd = typing(['!while True: pass', 'pass'], states, (one) => expect(one.interrupt()).toBe(true))
  expect(await frontEnd.readReply(prompt)).toEqual({ signal: 'INT' })
})

test('Ctrl-C after a reply, and before a prompt, is for what runs', async () => {
  const frontEnd = typing(['1', '2'], [], () => {})
  expect(frontEnd.interrupt()).toBe(false)
  expect(await frontEnd.readReply(prompt)).toEqual({ reply: '1' })
  expect(frontEnd.interrupt()).toBe(false)
  expect(await frontEnd.readReply(prompt)).toEqual({ reply: '2' })
})
