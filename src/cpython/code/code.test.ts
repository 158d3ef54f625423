import { expect, test } from 'vitest'
import { structure } from '../../../test/fake-memory.js'
import { type OpenImage, openImages } from '../../../test/images/open-image.js'
import { parseFrame } from '../frames/frame.js'
import { pointerAt } from '../pointer.js'
import { readMainInterpreter, readThreads } from '../runtime/interpreter.js'
import { CodeCache, MAX_LINE_TABLE_BYTES } from './code.js'

const unreadable = expect.objectContaining({ code: 'MEMORY_UNREADABLE' })

/** The code object of the innermost frame of a thread. */
function innermostCode({ runtime, expected }: OpenImage, name: string): number {
  const { ident } = expected.threads.find((thread) => thread.name === name)!
  const { currentFrame } = readThreads(runtime, readMainInterpreter(runtime)).find(({ id }) => Number(id) === ident)!
  return parseFrame(
    runtime,
    currentFrame,
    runtime.memory.read(currentFrame, runtime.offsets.interpreter_frame.size),
    0,
  )!.code
}

test.each(openImages())('reads code objects of $name, and keeps them', (image) => {
  const codes = new CodeCache(image.runtime)
  const address = innermostCode(image, 'recursion')
  const code = codes.read(address)
  expect(code).toMatchObject({
    address,
    name: 'park',
    qualifiedName: 'park',
    file: expect.stringMatching(/stacks\.py$/),
  })
  expect(code.unitCount).toBeGreaterThan(8)
  expect(codes.read(address)).toBe(code)
})

test.each(openImages())('forgets the code objects of $name when one has been freed', ({ runtime, ...image }) => {
  const codes = new CodeCache(runtime)
  const address = innermostCode({ runtime, ...image }, 'recursion')
  const interpreter = readMainInterpreter(runtime)
  codes.refresh(interpreter)
  const code = codes.read(address)
  codes.refresh(readMainInterpreter(runtime))
  expect(codes.read(address)).toBe(code)
  const generation = interpreter.address + runtime.offsets.interpreter_state.code_object_generation
  runtime.memory.write(generation, structure(8, { 0: 99 }))
  codes.refresh(readMainInterpreter(runtime))
  expect(codes.read(address)).not.toBe(code)
})

test.each(openImages())('takes nothing else of $name for a code object', ({ runtime, expected }) => {
  const codes = new CodeCache(runtime)
  const [int] = expected.objects.ints
  const [dict] = Object.values(expected.objects.dicts)
  for (const address of [int![0], dict![0], 0, 0x1000]) expect(() => codes.read(address)).toThrow(unreadable)
})

test.each([MAX_LINE_TABLE_BYTES + 1, -1, 2 ** 50])('does not believe a line table of %i bytes', (length) => {
  for (const image of openImages()) {
    const { memory, offsets } = image.runtime
    const address = innermostCode(image, 'recursion')
    const table = pointerAt(memory.read(address, offsets.code_object.size), offsets.code_object.linetable)
    memory.write(table + offsets.bytes_object.ob_size, structure(8, { 0: length }))
    expect(() => new CodeCache(image.runtime).read(address)).toThrow(unreadable)
  }
})
