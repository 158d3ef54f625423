import { beforeEach, describe, expect, test } from 'vitest'
import { structure } from '../../test/fake-memory.js'
import { type OpenImage, openImages } from '../../test/images/open-image.js'
import type { Runtime } from '../cpython/runtime/find-runtime.js'
import { type InterpreterState, readMainInterpreter, readThreads } from '../cpython/runtime/interpreter.js'
import type { RemoteMemory } from '../memory/remote-memory.js'
import { checkRequest, drawAttention, type RequestSlot, readRequest, withdrawRequest, writeRequest } from './request.js'

const PATH = '/tmp/remora-1/скрипт.py'
const STOP_BIT = 1 << 5
const code = (name: string) => expect.objectContaining({ code: name })

describe.each(openImages().map(({ name }, index) => ({ name, index })))('$name', ({ index }) => {
  let image: OpenImage
  let runtime: Runtime
  let main: InterpreterState
  let slot: RequestSlot
  let writes: { address: number; bytes: string }[]
  let at: { path: number; pending: number; breaker: number }

  beforeEach(() => {
    image = openImages()[index]!
    writes = []
    runtime = { ...image.runtime, memory: logged(image.runtime.memory, writes) }
    main = readMainInterpreter(runtime)
    slot = { runtime, thread: main.threadsMain }
    const { debugger_support: support } = runtime.offsets
    const area = main.threadsMain + support.remote_debugger_support
    at = {
      path: area + support.debugger_script_path,
      pending: area + support.debugger_pending_call,
      breaker: main.threadsMain + support.eval_breaker,
    }
  })
  const breaker = () => image.runtime.memory.read(at.breaker, 8)
  const writtenBy = (action: () => unknown) => {
    action()
    return writes.splice(0)
  }

  test('at first nothing is pending, and reading writes nothing', () => {
    expect(readRequest(slot)).toEqual({ pending: false, path: '', attention: false })
    checkRequest(slot, PATH)
    expect(writes).toEqual([])
  })

  test('a request is three writes: path, flag, attention', () => {
    const before = breaker()
    expect(writtenBy(() => writeRequest(slot, PATH))).toEqual([
      { address: at.path, bytes: Buffer.from(`${PATH}\0`).toString('hex') },
      { address: at.pending, bytes: '01000000' },
      { address: at.breaker, bytes: expect.stringMatching(/^[0-9a-f]{2}$/) },
    ])
    expect(readRequest(slot)).toEqual({ pending: true, path: PATH, attention: true })
    // No event bit is taken away, and the version of the instrumentation above them stays as it was.
    expect(breaker()[0]! & before[0]!).toBe(before[0])
    expect(breaker().subarray(1)).toEqual(before.subarray(1))
  })

  test('attention is one byte, with the bit that makes the thread look', () => {
    const [write, ...others] = writtenBy(() => drawAttention(slot))
    expect(others).toEqual([])
    expect(Number.parseInt(write!.bytes, 16) & STOP_BIT).toBe(STOP_BIT)
  })

  test('a withdrawal is two writes: an empty path, then the flag', () => {
    writeRequest(slot, PATH)
    writes.length = 0
    expect(writtenBy(() => expect(withdrawRequest(slot, PATH)).toBe(true))).toEqual([
      { address: at.path, bytes: '00' },
      { address: at.pending, bytes: '00000000' },
    ])
    expect(readRequest(slot)).toMatchObject({ pending: false, path: '' })
  })

  test('a withdrawal leaves the request of another alone, and nothing but the path of one that has been taken', () => {
    writeRequest(slot, '/tmp/another.py')
    expect(writtenBy(() => expect(withdrawRequest(slot, PATH)).toBe(false)).slice(3)).toEqual([])
    expect(readRequest(slot)).toMatchObject({ pending: true, path: '/tmp/another.py' })
    image.runtime.memory.write(at.pending, Buffer.alloc(4))
    expect(writtenBy(() => expect(withdrawRequest(slot, '/tmp/another.py')).toBe(false))).toEqual([
      { address: at.path, bytes: '00' },
    ])
  })

  test('a request of another that is pending is refused, and named', () => {
    writeRequest(slot, '/tmp/another.py')
    writes.length = 0
    expect(() => checkRequest(slot, PATH)).toThrow(
      expect.objectContaining({ code: 'REQUEST_PENDING', details: { path: '/tmp/another.py' } }),
    )
    expect(writes).toEqual([])
  })

  test('a path as long as there is room for, and one byte more', () => {
    const room = runtime.offsets.debugger_support.debugger_script_path_size
    const longest = `/${'é'.repeat((room - 2) / 2)}`
    expect(Buffer.byteLength(longest)).toBe(room - 1)
    checkRequest(slot, longest)
    writeRequest(slot, longest)
    expect(readRequest(slot).path).toBe(longest)
    withdrawRequest(slot, longest)
    expect(() => checkRequest(slot, `${longest}x`)).toThrow(code('SCRIPT_PATH_TOO_LONG'))
  })

  test('what forbids a request is found before the first write', () => {
    const { memory } = image.runtime
    const { runtime_state, debugger_support } = runtime.offsets
    const finalizing = runtime.address + runtime_state.finalizing
    memory.write(finalizing, structure(8, { 0: main.threadsMain }))
    expect(() => checkRequest(slot, PATH)).toThrow(code('INTERPRETER_FINALIZING'))
    memory.write(finalizing, Buffer.alloc(8))
    const enabled = main.address + debugger_support.remote_debugging_enabled
    memory.write(enabled, Buffer.alloc(4))
    expect(() => checkRequest(slot, PATH)).toThrow(code('REMOTE_DEBUG_DISABLED'))
    memory.write(enabled, Uint8Array.of(1))
    expect(() => checkRequest({ ...slot, thread: 0x1000 }, PATH)).toThrow(code('TARGET_EXITED'))
    expect(() => checkRequest({ ...slot, runtime: { ...runtime, freeThreaded: true } }, PATH)).toThrow(
      code('PYTHON_UNSUPPORTED'),
    )
    memory.write(main.threadsMain + runtime.offsets.thread_state.status, Uint8Array.of(0x21))
    expect(() => checkRequest(slot, PATH)).toThrow(code('TARGET_EXITED'))
    expect(writes).toEqual([])
  })

  test('every thread has a slot of its own', () => {
    const threads = readThreads(runtime, main)
    for (const { address } of threads) writeRequest({ runtime, thread: address }, `/tmp/${address}.py`)
    for (const { address } of threads) expect(readRequest({ runtime, thread: address }).path).toBe(`/tmp/${address}.py`)
  })
})

/** `memory`, with every write noted in `writes`. */
function logged(memory: RemoteMemory, writes: { address: number; bytes: string }[]): RemoteMemory {
  return {
    read: (address, length) => memory.read(address, length),
    readMany: (ranges) => memory.readMany(ranges),
    write: (address, bytes) => {
      writes.push({ address, bytes: Buffer.from(bytes).toString('hex') })
      memory.write(address, bytes)
    },
    close: () => memory.close(),
  }
}
