// What a signal frame is for. It is what the kernel lays on a thread's stack before it calls a signal handler, made here
// instead: with it, a thread can be sent into one function, and the function's own return brings every register, the
// floating-point state and the signal mask back, by the system call rt_sigreturn. Nobody has to be there for that: from
// the moment the registers are set, the thread needs us no more. Pure over bytes, as are its two kinds.

export interface ThreadContext {
  /** General registers (NT_PRSTATUS) with which the thread is to go on in the end. */
  readonly registers: Buffer
  /** Floating-point and vector registers, as `SignalFrames.floatingPointSet` has them. */
  readonly floatingPoint: Buffer
  readonly signalMask: Buffer
}

export interface Detour {
  readonly function: number
  readonly arguments: readonly [number, number]
  /** Address of `restorerCode`. */
  readonly restorer: number
}

export interface PreparedDetour {
  /** What has to stand on the stack, and where. */
  readonly frame: Buffer
  readonly frameAt: number
  /** General registers that send the thread on its way. */
  readonly registers: Buffer
}

export interface SignalFrames {
  /** `NT_…` of the floating-point state. */
  readonly floatingPointSet: number
  /** The system call rt_sigreturn, which stands somewhere in each process for the return from its signal handlers. */
  readonly restorerCode: Buffer
  /** In which mappings it is looked for. */
  readonly restorerPath: RegExp
  /** Undefined for a floating-point state of a form that is not known. */
  prepareDetour(context: ThreadContext, detour: Detour): PreparedDetour | undefined
}
