import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TelnetInput } from './telnet-input.js'

async function read(pieces: readonly Buffer[]): Promise<{ text: string; interrupts: number }> {
  let interrupts = 0
  const input = new TelnetInput(() => {
    interrupts += 1
  })
  for (const piece of pieces) input.write(piece)
  input.end()
  const found: Buffer[] = []
  for await (const piece of input) found.push(piece as Buffer)
  return { text: Buffer.concat(found).toString('latin1'), interrupts }
}

const part = fc.oneof(
  fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)) }).map((text) => ({
    bytes: [...Buffer.from(text)],
    text,
    interrupts: 0,
  })),
  fc.integer({ min: 251, max: 254 }).map((verb) => ({ bytes: [255, verb, 6], text: '', interrupts: 0 })),
  fc.constantFrom([255, 244], [3]).map((bytes) => ({ bytes, text: '', interrupts: 1 })),
)

test('text is told from commands, however the stream was cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part), fc.nat(), async (parts, cut) => {
      const bytes = Buffer.from(parts.flatMap((one) => one.bytes))
      const place = cut % (bytes.length + 1)
      const { text, interrupts } = await read([bytes.subarray(0, place), bytes.subarray(place)])
      expect(text).toBe(parts.map((one) => one.text).join(''))
      expect(interrupts).toBe(parts.reduce((sum, one) => sum + one.interrupts, 0))
    }),
  )
})
