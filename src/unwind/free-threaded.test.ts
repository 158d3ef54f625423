// Stacks of free-threaded builds, in which a thread runs a copy of the bytecode of its own. The positions are what
// `co_positions()` of 3.14 and 3.15 says of the functions in test/images/free-threaded/drawn.c.

import { describe, expect, test, vi } from 'vitest'
import { structure } from '../../test/fake-memory.js'
import { openDrawnImages, readDrawn } from '../../test/images/free-threaded/open-drawn.js'
import { CodeCache, MAX_COPIES } from '../cpython/code/code.js'
import { parseFrame, type RawFrame } from '../cpython/frames/frame.js'
import { pointerAt, readPointer } from '../cpython/pointer.js'
import type { Runtime } from '../cpython/runtime/find-runtime.js'
import { readMainInterpreter, readThreads, type ThreadState } from '../cpython/runtime/interpreter.js'
import { supportedVersions } from '../cpython/versions/find-version.js'
import { readStack, type Stack } from './read-stack.js'

const MAIN = { function: 'main', qualifiedName: 'main', file: '/srv/drawn.py' }
const WORKER = { function: 'worker', qualifiedName: 'worker', file: '/srv/drawn.py' }
const CALL_OF_WORKER = { line: 3, endLine: 3, column: 4, endColumn: 17 }
const CALL_OF_INPUT = { line: 9, endLine: 9, column: 8, endColumn: 15 }
const NOT_BELIEVED = { frames: [], consistent: false }

test('there is an image of every version', () => {
  expect(openDrawnImages().map(({ name }) => name)).toEqual(supportedVersions.map((name) => `drawn-python${name}t`))
})

describe.each(openDrawnImages())('$name', ({ runtime }) => {
  const { abiFlags, stacks } = readDrawn(runtime)

  test('a thread that runs the bytecode of the code object, and its variables', () => {
    expect(stacks.get('MainThread')).toEqual({
      frames: [
        {
          ...MAIN,
          ...CALL_OF_WORKER,
          locals: [
            expect.objectContaining({ name: 'name', type: 'str', text: "'größe'" }),
            expect.objectContaining({ name: 'total', type: 'int', text: '7' }),
          ],
        },
      ],
      consistent: true,
    })
  })

  test('a thread that runs a copy, and its variables', () => {
    const locals = [expect.objectContaining({ name: 'total', text: '7' })]
    expect(stacks.get('second')).toEqual({ frames: [{ ...WORKER, ...CALL_OF_INPUT, locals }], consistent: true })
  })

  test('it says what it is', () => {
    expect(abiFlags).toBe('t')
  })
})

/** The second thread of an image, which runs the copy with index 1, and what can be changed about it. */
function openSecond(index: number) {
  const { runtime } = openDrawnImages()[index]!
  const interpreter = readMainInterpreter(runtime)
  const thread = readThreads(runtime, interpreter).find(({ address }) => address !== interpreter.threadsMain)!
  const frame = readFrame(runtime, thread)
  const copies = pointerAt(runtime.memory.read(frame.code + runtime.offsets.code_object.co_tlbc, 8), 0)
  const codes = new CodeCache(runtime)
  const put = (address: number, word: number) => runtime.memory.write(address, structure(8, { 0: word }))
  return {
    runtime,
    frame,
    copies,
    codes,
    put,
    read: (): Stack => readStack(runtime, thread, codes, 2),
    refresh: () => codes.refresh(readMainInterpreter(runtime)),
    copyIndex: frame.address + runtime.offsets.interpreter_frame.tlbc_index,
    instruction: frame.address + runtime.offsets.interpreter_frame.instr_ptr,
    copiesFreed: interpreter.address + runtime.offsets.interpreter_state.tlbc_generation,
  }
}

function readFrame(runtime: Runtime, { currentFrame }: ThreadState): RawFrame {
  const bytes = runtime.memory.read(currentFrame, runtime.offsets.interpreter_frame.size)
  return parseFrame(runtime, currentFrame, bytes, 0)!
}

const int32 = (value: number): Buffer => structure(8, { 0: value }).subarray(0, 4)

describe.each(openDrawnImages().map(({ name }, index) => ({ name, index })))('$name, changed', ({ index }) => {
  const found: Stack = { frames: [{ ...WORKER, ...CALL_OF_INPUT }], consistent: true }

  test('a copy that is not there, and an instruction of another copy, are not believed', () => {
    const { read, put, runtime, copyIndex, copies } = openSecond(index)
    for (const wrong of [0, 2, 9999, -1, 0x7fffffff]) {
      runtime.memory.write(copyIndex, int32(wrong))
      expect(read(), `copy ${wrong}`).toEqual(NOT_BELIEVED)
    }
    runtime.memory.write(copyIndex, int32(1))
    expect(read()).toEqual(found)
    put(copies + 16, 0)
    expect(read(), 'a copy once seen is remembered').toEqual(found)
  })

  test('a copy that was made after the code object was first seen is found', () => {
    const { read, put, runtime, frame, copies } = openSecond(index)
    const copy = readPointer(runtime.memory, copies + 16)
    put(copies + 16, 0)
    expect(read()).toEqual(NOT_BELIEVED)
    put(copies + 16, copy)
    expect(read()).toEqual(found)
    expect(frame.instruction - copy).toBeGreaterThan(0)
  })

  test('copies are forgotten when one has been freed', () => {
    const { read, put, runtime, refresh, copies, copiesFreed } = openSecond(index)
    refresh()
    expect(read()).toEqual(found)
    put(copies + 16, 0)
    refresh()
    expect(read()).toEqual(found)
    runtime.memory.write(copiesFreed, int32(99))
    refresh()
    expect(read()).toEqual(NOT_BELIEVED)
  })

  test('an array of copies that has no end is not walked to it', () => {
    const { read, put, runtime, copies } = openSecond(index)
    const reads = vi.spyOn(runtime.memory, 'read')
    for (const count of [2 ** 60, 2 ** 30, 0]) {
      put(copies, count)
      expect(read(), String(count)).toEqual(NOT_BELIEVED)
    }
    const lengths = reads.mock.calls.filter(([address]) => address === copies + 8).map(([, length]) => length)
    expect(Math.max(...lengths)).toBe(MAX_COPIES * 8)
  })

  test('code without an array of copies is not believed', () => {
    const { read, put, runtime, frame } = openSecond(index)
    put(frame.code + runtime.offsets.code_object.co_tlbc, 0)
    expect(read()).toEqual(NOT_BELIEVED)
  })
})
