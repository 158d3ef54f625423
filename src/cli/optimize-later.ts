// How soon V8 optimizes code. It does so after few calls, which is right for a program that computes; compiling then takes
// more than a short recording itself: 99 functions within the first seconds of sampling at 1 kHz, against 16 here.

import v8 from 'node:v8'

/** What a function runs before V8 looks at it: bytes of bytecode, seven times as many as by default. */
const INTERRUPT_BUDGET = 500_000
/** Of Node 20. Others choose by rules of their own, which have not been measured. */
const KNOWN_V8 = /^11\./

/** For the whole process, from now on. Code caches are those of the default: load all code before. */
export function optimizeLater(): void {
  if (KNOWN_V8.test(process.versions.v8)) v8.setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`)
}
