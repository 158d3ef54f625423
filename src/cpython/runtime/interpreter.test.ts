import { beforeEach, describe, expect, test } from 'vitest'
import { structure } from '../../../test/fake-memory.js'
import { fakeRuntime } from '../../../test/fake-objects.js'
import { type OpenImage, openImages } from '../../../test/images/open-image.js'
import { readPointer } from '../pointer.js'
import type { Runtime } from './find-runtime.js'
import {
  type InterpreterState,
  MAX_INTERPRETERS,
  readFinalizing,
  readInterpreters,
  readMainInterpreter,
  readThreads,
  readThreadsAnew,
} from './interpreter.js'

const unreadable = expect.objectContaining({ code: 'MEMORY_UNREADABLE' })

describe.each(openImages().map(({ name }, index) => ({ name, index })))('$name', ({ index }) => {
  let image: OpenImage
  let runtime: Runtime
  beforeEach(() => {
    image = openImages()[index]!
    runtime = image.runtime
  })
  const put = (address: number, word: number) => runtime.memory.write(address, structure(8, { 0: word }))

  test('has two interpreters, the main one first, though it is the older one', () => {
    const [main, second] = readInterpreters(runtime)
    expect([main?.id, second?.id]).toEqual([0, 1])
    expect(main).toEqual(readMainInterpreter(runtime))
    expect(main?.remoteDebugging).toBe(true)
    expect(main?.threadsMain).toBeGreaterThan(runtime.address)
    expect(readFinalizing(runtime)).toBe(false)
  })

  test('has the threads that the program itself tells', () => {
    const threads = readThreads(runtime, readMainInterpreter(runtime))
    const { expected } = image
    expect(threads.map(({ id }) => Number(id)).sort()).toEqual(expected.threads.map(({ ident }) => ident).sort())
    for (const { ident, nativeId } of expected.threads) {
      const thread = threads.find(({ id }) => Number(id) === ident)
      expect(thread).toMatchObject({ usable: true, holdsGil: false })
      if (nativeId !== null) expect(thread?.nativeId).toBe(nativeId)
    }
    const main = threads.find(({ id }) => Number(id) === expected.mainThread)
    expect(main?.address).toBe(readMainInterpreter(runtime).threadsMain)
  })

  test('is not followed round a ring of interpreters, nor of threads', () => {
    const [main, second] = readInterpreters(runtime) as [InterpreterState, InterpreterState]
    const [newest] = readThreads(runtime, readMainInterpreter(runtime))
    const { interpreter_state, thread_state } = runtime.offsets
    put(main.threadsHead + thread_state.next, newest!.address)
    expect(() => readThreads(runtime, readMainInterpreter(runtime))).toThrow(unreadable)
    put(second.address + interpreter_state.next, second.address)
    expect(() => readInterpreters(runtime)).toThrow(unreadable)
  })

  test('has the threads of now, whenever the interpreter was read', () => {
    const main = readMainInterpreter(runtime)
    const [newest, ...older] = readThreads(runtime, main)
    const { prev, next, interp } = runtime.offsets.thread_state
    put(older[0]!.address + prev, 0)
    put(main.address + runtime.offsets.interpreter_state.threads_head, older[0]!.address)
    expect(readThreadsAnew(runtime, main)).toEqual(older)
    // One before which another has come, what is left of one that has ended, and one that was made in its place and is
    // not in the list yet: it is begun anew.
    for (const [field, word] of [
      [prev, newest!.address],
      [interp, 0],
      [next, 0],
    ] as const) {
      const { address } = newest!
      const was = readPointer(runtime.memory, address + field)
      put(address + field, word)
      expect(readThreads(runtime, main)).toEqual(older)
      put(address + field, was)
    }
    expect(readThreads(runtime, main)).toEqual([newest, ...older])
  })

  test('is not followed to a thread of another interpreter', () => {
    const [newest] = readThreads(runtime, readMainInterpreter(runtime))
    put(newest!.address + runtime.offsets.thread_state.interp, 0x1000)
    expect(() => readThreads(runtime, readMainInterpreter(runtime))).toThrow(unreadable)
  })

  test('says that it is shutting down, that it forbids scripts, and that a thread is ending', () => {
    const main = readMainInterpreter(runtime)
    put(runtime.address + runtime.offsets.runtime_state.finalizing, main.threadsMain)
    expect(readFinalizing(runtime)).toBe(true)
    for (const value of [0, 2]) {
      runtime.memory.write(
        main.address + runtime.offsets.debugger_support.remote_debugging_enabled,
        Uint8Array.of(value),
      )
      expect(readMainInterpreter(runtime).remoteDebugging).toBe(false)
    }
    const status = main.threadsHead + runtime.offsets.thread_state.status
    for (const bits of [0, 0b0010_0001, 0b0100_0001, 0b1000_0001]) {
      runtime.memory.write(status, Uint8Array.of(bits))
      expect(readThreads(runtime, main)[0]?.usable).toBe(false)
    }
  })

  test('without a main interpreter is broken', () => {
    put(readMainInterpreter(runtime).address + runtime.offsets.interpreter_state.id, 5)
    expect(() => readMainInterpreter(runtime)).toThrow(expect.objectContaining({ code: 'RUNTIME_CORRUPT' }))
  })
})

test.each([
  ['as many interpreters as may be', MAX_INTERPRETERS, true],
  ['one more', MAX_INTERPRETERS + 1, false],
])('%s', (_, count, readable) => {
  const runtime = fakeRuntime()
  const { memory } = runtime
  Object.assign(runtime.offsets, {
    runtime_state: { interpreters_head: 0 },
    interpreter_state: {
      id: 0,
      next: 8,
      threads_head: 16,
      threads_main: 24,
      ceval_gil: 40,
      code_object_generation: 48,
    },
    debugger_support: { remote_debugging_enabled: 32 },
  })
  let head = 0
  for (let id = 0; id < count; id++) head = memory.place(structure(56, { 0: id, 8: head }))
  memory.write(runtime.address, structure(8, { 0: head }))
  if (readable) expect(readInterpreters(runtime)).toHaveLength(count)
  else expect(() => readInterpreters(runtime)).toThrow(unreadable)
})
