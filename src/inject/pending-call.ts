// Wakes a main thread that waits for a lock. CPython goes back to such a wait after an interruption unless one of its
// pending calls wants something, so one is added first: the stopped thread is sent through
// Py_AddPendingCall(PyErr_CheckSignals, 0), which is made for signal handlers, needs no GIL and allocates nothing, and
// whose call in turn runs our request. The function returns through a frame that brings back all registers, so the
// thread needs us no more once its registers are set: if Remora dies at any moment, either nothing has changed, or the
// thread goes all the way.
// Follows Python/ceval_gil.c at v3.14.0.

import { findDynamicSymbols, parseElf } from '../binary/elf.js'
import { biasOf, type Runtime } from '../cpython/runtime/find-runtime.js'
import { ARCHITECTURE } from '../native/machine.js'
import { findMapping, groupByFile, type Mapping, openMappedFile, readMaps } from '../process/maps.js'
import { usesShadowStack } from '../process/status.js'
import { NT_PRSTATUS, registersOf } from '../process/stop/interrupted-call.js'
import type { SignalFrames } from '../process/stop/signal-detour.js'
import { signalFramesOf } from '../process/stop/signal-frame.js'
import type { StoppedThread } from '../process/stop/thread-stop.js'
import type { SystemCall } from '../process/threads/threads.js'

/** What the function, and a signal handler on top of it, may need of the stack. */
const STACK_MARGIN_BYTES = 16 * 1024
const MAX_CODE_BYTES = 16 * 1024 * 1024

/** What has to be known before the thread is stopped: finding it takes longer than a stop may. */
export interface PendingCallPlan {
  readonly runtime: Runtime
  readonly frames: SignalFrames
  readonly addPendingCall: number
  readonly checkSignals: number
  readonly restorer: number
  /** Lowest address to which the stack may be used. */
  readonly stackStart: number
}

/** The plan for a thread in `call`, or in words why there is none. */
export function planPendingCall(pid: number, runtime: Runtime, call: SystemCall): PendingCallPlan | string {
  const frames = signalFramesOf()
  if (frames === undefined) return `the signal frames of ${ARCHITECTURE} are not known`
  if (usesShadowStack(pid)) return 'the thread has a shadow stack, which forbids the way out of a wait for a lock'
  const mappings = readMaps(pid)
  const symbols = findRuntimeFunctions(pid, runtime, mappings)
  const [addPendingCall, checkSignals] = [symbols.get('Py_AddPendingCall'), symbols.get('PyErr_CheckSignals')]
  if (addPendingCall === undefined || checkSignals === undefined) return 'this Python does not export Py_AddPendingCall'
  const restorer = findRestorer(runtime, mappings, frames)
  if (restorer === undefined) return 'the return from signal handlers was not found'
  const stack = findMapping(mappings, Number(call.stackPointer))
  if (stack === undefined) return 'the stack of the thread was not found'
  return { runtime, frames, addPendingCall, checkSignals, restorer, stackStart: stack.start + STACK_MARGIN_BYTES }
}

/**
 * Sends a stopped thread on its way, in the end out of its system call with EINTR. Returns false, having changed
 * nothing, when it cannot be done here.
 */
export function addPendingCall(thread: StoppedThread, call: SystemCall, plan: PendingCallPlan): boolean {
  const registers = thread.readRegisters(NT_PRSTATUS)
  registersOf()?.interrupt(registers, call)
  const floatingPoint = thread.readRegisters(plan.frames.floatingPointSet)
  const context = { registers, floatingPoint, signalMask: thread.readSignalMask() }
  const detour = plan.frames.prepareDetour(context, {
    function: plan.addPendingCall,
    arguments: [plan.checkSignals, 0],
    restorer: plan.restorer,
  })
  if (detour === undefined || detour.frameAt < plan.stackStart) return false
  // 1 of 2: the frame, below the thread's stack and its red zone. If we stop here, nothing has changed: the next call
  // that the thread makes overwrites it.
  plan.runtime.memory.write(detour.frameAt, detour.frame)
  // 2 of 2: the registers, all at once. If we stop here, the kernel lets the thread go, and it needs nobody any more.
  thread.writeRegisters(NT_PRSTATUS, detour.registers)
  return true
}

/** The functions' addresses in the target, as far as they lie in its executable memory. */
function findRuntimeFunctions(pid: number, runtime: Runtime, mappings: readonly Mapping[]): Map<string, number> {
  const found = new Map<string, number>()
  const file = groupByFile(mappings).find(({ path }) => path === runtime.file)
  if (file === undefined) return found
  const opened = openMappedFile(pid, file, runtime.memory)
  try {
    const elf = parseElf(opened.source)
    const bias = elf && biasOf(elf, file)
    if (elf === undefined || bias === undefined) return found
    for (const [name, value] of findDynamicSymbols(elf, ['Py_AddPendingCall', 'PyErr_CheckSignals'])) {
      const holder = findMapping(mappings, value + bias)
      if (holder?.permissions[2] === 'x' && holder.path === runtime.file) found.set(name, value + bias)
    }
    return found
  } finally {
    opened.close()
  }
}

/** Any place will do that holds the instructions and may be executed. */
function findRestorer(
  { memory }: Runtime,
  mappings: readonly Mapping[],
  { restorerCode, restorerPath }: SignalFrames,
): number | undefined {
  for (const { start, end, permissions, path } of mappings) {
    if (permissions[2] !== 'x' || !restorerPath.test(path) || end - start > MAX_CODE_BYTES) continue
    const [code] = memory.readMany([{ address: start, length: end - start }])
    const at = code?.indexOf(restorerCode) ?? -1
    if (at >= 0) return start + at
  }
  return undefined
}
