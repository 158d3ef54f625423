// The one place that loads koffi, the optional foreign-function library. Batched reads and ptrace stops need it;
// everything else works without. It is loaded at the first use, never at start: that would cost each start 5 ms, and
// a third of one for what Node loads it with.

type Koffi = typeof import('koffi')

let loaded: Koffi | null | undefined

/** koffi, or undefined where it is not installed or has no build for this machine. */
export function loadKoffi(): Koffi | undefined {
  if (loaded === undefined) {
    try {
      const { createRequire } = process.getBuiltinModule('node:module')
      loaded = createRequire(import.meta.filename)('koffi') as Koffi
    } catch {
      loaded = null
    }
  }
  return loaded ?? undefined
}

let libc: ReturnType<Koffi['load']> | undefined

/** The C library of this process: glibc or musl. Undefined without koffi. */
export function loadLibc(): ReturnType<Koffi['load']> | undefined {
  const koffi = loadKoffi()
  if (koffi === undefined) return undefined
  // A null name opens the running program itself, whose symbols include those of its C library, whichever it is.
  libc ??= koffi.load(null)
  return libc
}
