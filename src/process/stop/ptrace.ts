// The kernel's ptrace calls, as far as Remora needs them: requests, wait statuses, register sets, the signal mask. Who
// calls them keeps to one thread and one synchronous stretch: if the event loop turned in between, libuv could take the
// stop for the end of a child of its own.

import { RemoraError } from '../../errors/remora-error.js'
import { loadKoffi, loadLibc } from '../../native/koffi.js'

export const PTRACE_CONT = 7
export const PTRACE_DETACH = 17
export const PTRACE_SEIZE = 0x4206
export const PTRACE_INTERRUPT = 0x4207
const PTRACE_GETREGSET = 0x4204
const PTRACE_SETREGSET = 0x4205
const PTRACE_GETSIGMASK = 0x420a
const WNOHANG = 1
const WALL = 0x40000000
const SIGMASK_BYTES = 8

/** More than any register set: the extended state with AMX tiles has 11 KiB. */
const MAX_REGISTER_BYTES = 16 * 1024

export interface Ptrace {
  /** @throws PtraceError */
  request(request: number, tid: number, data?: number): void
  /** The wait status of `tid`, or undefined when nothing has happened to it yet. */
  poll(tid: number): number | undefined
  /** A copy of one register set (`NT_…` of elf.h) of a stopped thread. */
  readRegisters(tid: number, set: number): Buffer
  writeRegisters(tid: number, set: number, bytes: Buffer): void
  /** The signals that a stopped thread blocks, as the kernel keeps them. */
  readSignalMask(tid: number): Buffer
}

export class PtraceError extends Error {
  readonly errno: number

  constructor(request: number, errno: number) {
    super(`ptrace request ${request} failed with errno ${errno}`)
    this.errno = errno
  }
}

let loaded: Ptrace | undefined

/** @throws RemoraError `THREAD_STOP_UNAVAILABLE` without koffi. */
export function loadPtrace(): Ptrace {
  loaded ??= bindPtrace()
  return loaded
}

function bindPtrace(): Ptrace {
  const koffi = loadKoffi()
  const libc = loadLibc()
  if (koffi === undefined || libc === undefined) {
    throw new RemoraError('THREAD_STOP_UNAVAILABLE', 'koffi is not installed, and without it no thread can be stopped')
  }
  const ptrace = libc.func('long ptrace(long request, int pid, uintptr_t address, uintptr_t data)')
  const waitpid = libc.func('int waitpid(int pid, _Out_ int *status, int options)')
  const call = (request: number, tid: number, address: number, data: number | bigint): void => {
    if (Number(ptrace(request, tid, address, data)) < 0) throw new PtraceError(request, koffi.errno())
  }
  /** Passes `bytes` through an iovec, and returns how many of them the kernel has used. */
  const transfer = (request: number, tid: number, set: number, bytes: Buffer): number => {
    const iovec = Buffer.alloc(16)
    iovec.writeBigUInt64LE(BigInt(koffi.address(bytes)), 0)
    iovec.writeBigUInt64LE(BigInt(bytes.length), 8)
    call(request, tid, set, koffi.address(iovec))
    return Number(iovec.readBigUInt64LE(8))
  }
  return {
    request(request, tid, data = 0) {
      call(request, tid, 0, data)
    },
    poll(tid) {
      const status: [number] = [0]
      const result = Number(waitpid(tid, status, WALL | WNOHANG))
      if (result < 0) throw new PtraceError(0, koffi.errno())
      return result === tid ? status[0] : undefined
    },
    readRegisters(tid, set) {
      const bytes = Buffer.alloc(MAX_REGISTER_BYTES)
      return bytes.subarray(0, transfer(PTRACE_GETREGSET, tid, set, bytes))
    },
    writeRegisters(tid, set, bytes) {
      transfer(PTRACE_SETREGSET, tid, set, bytes)
    },
    readSignalMask(tid) {
      const mask = Buffer.alloc(SIGMASK_BYTES)
      call(PTRACE_GETSIGMASK, tid, SIGMASK_BYTES, koffi.address(mask))
      return mask
    },
  }
}
