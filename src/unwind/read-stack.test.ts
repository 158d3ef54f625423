import { beforeEach, describe, expect, test, vi } from 'vitest'
import { structure } from '../../test/fake-memory.js'
import { type OpenImage, openImages } from '../../test/images/open-image.js'
import { CodeCache } from '../cpython/code/code.js'
import { pointerAt } from '../cpython/pointer.js'
import { readInterpreters, readMainInterpreter, readThreads, type ThreadState } from '../cpython/runtime/interpreter.js'
import { readStack } from './read-stack.js'

const imagesNow = openImages()

describe.each(imagesNow)('$name', ({ runtime, expected }) => {
  const codes = new CodeCache(runtime)
  const threads = readThreads(runtime, readMainInterpreter(runtime))

  test.each(expected.threads)('the stack of $name, as the target itself tells it', ({ ident, frames }) => {
    const thread = threads.find(({ id }) => Number(id) === ident)!
    expect(readStack(runtime, thread, codes, 1)).toEqual({ frames, consistent: true })
  })

  test('are stacks of many kinds', () => {
    const told = new Map(expected.threads.map(({ name, frames }) => [name, frames]))
    expect(told.get('recursion')!.length).toBeGreaterThan(300)
    const functions = expected.threads.flatMap(({ frames }) => frames.map(({ qualifiedName }) => qualifiedName))
    expect(functions).toEqual(
      expect.arrayContaining([
        'größe',
        'функция',
        '𐌰𐌱𐌲',
        'inner_coroutine.<locals>.Body',
        'closure.<locals>.inner',
        'Instance.__init__',
        'long',
        'wide',
      ]),
    )
  })

  test('every piece of a stack is copied twice, and its outermost frame is part of one', () => {
    for (const thread of threads) {
      const warm = readStack(runtime, thread, codes, 1)
      const read = vi.spyOn(runtime.memory, 'read')
      expect(readStack(runtime, thread, codes, 1)).toEqual(warm)
      const starts = read.mock.calls.map(([address]) => address)
      read.mockRestore()
      expect(starts.toSorted()).toEqual([...new Set(starts)].flatMap((start) => [start, start]).toSorted())
      expect(starts).not.toContain(thread.baseFrame)
    }
  })

  test('a thread that runs no Python has an empty stack', () => {
    const idle = readThreads(runtime, readInterpreters(runtime)[1]!)
    for (const thread of idle) expect(readStack(runtime, thread, codes, 1)).toEqual({ frames: [], consistent: true })
  })
})

describe.each(imagesNow.map(({ name }, index) => ({ name, index })))('$name, broken', ({ index }) => {
  let image: OpenImage
  let thread: ThreadState
  beforeEach(() => {
    image = openImages()[index]!
    const { ident } = image.expected.threads.find(({ name }) => name === 'recursion')!
    thread = readThreads(image.runtime, readMainInterpreter(image.runtime)).find(({ id }) => Number(id) === ident)!
  })
  const put = (address: number, word: number) => image.runtime.memory.write(address, structure(8, { 0: word }))
  const read = () => readStack(image.runtime, thread, new CodeCache(image.runtime), 3)
  const previousOf = (frame: number) =>
    pointerAt(image.runtime.memory.read(frame + image.runtime.offsets.interpreter_frame.previous, 8), 0)

  test('a chain that leads back is not followed for ever, and not believed', () => {
    put(previousOf(thread.currentFrame) + image.runtime.offsets.interpreter_frame.previous, thread.currentFrame)
    expect(read()).toEqual({ frames: [], consistent: false })
  })

  test('a chain that breaks off is not believed', () => {
    for (const nowhere of [0, 0x1000, 2 ** 60]) {
      put(previousOf(thread.currentFrame) + image.runtime.offsets.interpreter_frame.previous, nowhere)
      expect(read()).toEqual({ frames: [], consistent: false })
    }
  })

  test('an instruction outside of its code is not believed', () => {
    put(thread.currentFrame + image.runtime.offsets.interpreter_frame.instr_ptr, 0x1000)
    expect(read()).toEqual({ frames: [], consistent: false })
  })

  test('an owner that does not exist, and no code where code must be, are not believed', () => {
    const { owner, executable } = image.runtime.offsets.interpreter_frame
    image.runtime.memory.write(thread.currentFrame + owner, Uint8Array.of(9))
    expect(read()).toEqual({ frames: [], consistent: false })
    image.runtime.memory.write(thread.currentFrame + owner, Uint8Array.of(0))
    put(thread.currentFrame + executable, image.expected.objects.ints[0]![0])
    expect(read()).toEqual({ frames: [], consistent: false })
  })

  test('a stack that changes between two reads is read again', () => {
    const { memory } = image.runtime
    let reads = 0
    const moving = {
      ...image.runtime,
      memory: {
        readMany: memory.readMany.bind(memory),
        write: memory.write.bind(memory),
        close: () => {},
        read: (address: number, length: number) => {
          const bytes = memory.read(address, length)
          // The second look at the thread shows it one call further out.
          if (address === thread.address && ++reads === 2) {
            bytes.writeBigUInt64LE(
              BigInt(previousOf(thread.currentFrame)),
              image.runtime.offsets.thread_state.current_frame,
            )
          }
          return bytes
        },
      },
    }
    const codes = new CodeCache(moving)
    expect(readStack(moving, thread, codes, 1).consistent).toBe(false)
    reads = 0
    expect(readStack(moving, thread, codes, 2)).toEqual(readStack(image.runtime, thread, codes, 1))
  })
})
