import { expect, test } from 'vitest'
import { FakeMemory } from '../../../test/fake-memory.js'
import { refuseCall } from './interruptible.js'

const memory = new FakeMemory()
const [UNIX, INET] = [1, 2].map((family) => BigInt(memory.place(Buffer.from([family, 0]))))
const PAUSE = 'pause would return early to the program'

test.each([
  ['pause', [], PAUSE],
  // As arm64 has it.
  ['ppoll', [0n, 0n, 0n], PAUSE],
  ['ppoll', [0n, 0n, 0x7000n], undefined],
  ['ppoll', [0x7000n, 1n, 0n], undefined],
  ['connect', [3n, INET], undefined],
  ['connect', [3n, UNIX], 'this connect could not be taken up again'],
  ['connect', [3n, 0n], 'this connect could not be taken up again'],
  ['rt_sigtimedwait', [], 'a wait for a signal is not interrupted'],
  ['io_uring_enter', [], 'io_uring_enter is not known to go on as if nothing had happened'],
] as [string, bigint[], string | undefined][])('%s %o', (name, words, refusal) => {
  const call = { number: 0, name, arguments: words, stackPointer: 0n, programCounter: 0n }
  expect(refuseCall(call, memory)).toBe(refusal)
})
