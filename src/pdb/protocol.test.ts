import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ClientMessage, formatMessage, parseServerMessage, type ServerMessage } from './protocol.js'

const text = fc.string({ unit: 'binary' })
const serverMessages: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({ message: text, type: fc.constantFrom('info' as const, 'error' as const) }),
  fc.record({ command_list: fc.array(text) }),
  fc.record({ prompt: text, state: fc.constantFrom('pdb', 'interact', 'commands', 'confirm', 'of a later version') }),
  fc.record({ completions: fc.array(text) }),
  fc.record({ help: text }),
  fc.record({ help: text, text }),
)
const clientMessages: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ reply: text }),
  fc.record({ signal: fc.constantFrom('INT' as const, 'EOF' as const) }),
  fc.record({ complete: fc.record({ text, line: text, begidx: fc.nat(), endidx: fc.nat() }) }),
)

describe('messages', () => {
  test('of the target survive the way', () => {
    fc.assert(
      fc.property(serverMessages, (message) => {
        expect(parseServerMessage(formatMessage(message))).toEqual(message)
      }),
    )
  })

  test('of a client are JSON that says the same', () => {
    fc.assert(
      fc.property(clientMessages, (message) => {
        expect(JSON.parse(formatMessage(message))).toEqual(message)
      }),
    )
  })

  test('are ASCII in one line', () => {
    fc.assert(
      fc.property(fc.oneof(serverMessages, clientMessages), (message) => {
        expect(formatMessage(message)).toMatch(/^[\x20-\x7e]*$/)
      }),
    )
  })

  test.each(['', '{', 'null', '[]', '3', '{}', '{"reply":1}', '{"signal":"KILL"}', '{"complete":{"text":"a"}}'])(
    'what is none is undefined: %s',
    (line) => {
      expect(parseServerMessage(line)).toBeUndefined()
    },
  )

  test('a kind of text that a later version may bring counts as information', () => {
    expect(parseServerMessage('{"message":"m","type":"warning"}')).toEqual({ message: 'm', type: 'info' })
  })
})
