import { once } from 'node:events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TelnetInput } from './telnet-input.js'

/** What is heard, in its order: text, and `^C` for an interrupt. */
async function read(pieces: readonly Buffer[]): Promise<string> {
  let heard = ''
  const input = new TelnetInput(() => {
    heard += '^C'
  })
  input.on('data', (piece: Buffer) => {
    heard += piece.toString('latin1')
  })
  for (const piece of pieces) input.write(piece)
  input.end()
  await once(input, 'end')
  return heard
}

const part = fc.oneof(
  fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)) }).map((text) => ({
    bytes: [...Buffer.from(text)],
    text,
  })),
  fc.integer({ min: 251, max: 254 }).map((verb) => ({ bytes: [255, verb, 6], text: '' })),
  fc.constantFrom([255, 244], [3]).map((bytes) => ({ bytes, text: '^C' })),
)

test('text is told from commands, and heard in its order, however the stream was cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part), fc.nat(), async (parts, cut) => {
      const bytes = Buffer.from(parts.flatMap((one) => one.bytes))
      const place = cut % (bytes.length + 1)
      const heard = await read([bytes.subarray(0, place), bytes.subarray(place)])
      expect(heard).toBe(parts.map((one) => one.text).join(''))
    }),
  )
})
