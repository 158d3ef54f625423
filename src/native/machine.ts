// The machine that Remora runs on. This is the one file that asks Node for the platform and the architecture. Who adds a
// platform here is told by the compiler that its memory is missing; what else it takes stands in docs/contributing.md.

import { RemoraError } from '../errors/remora-error.js'

const ARCHITECTURES = { linux: ['x64', 'arm64'] } as const

/** Those that Remora runs on, as Node names them. */
export type Platform = keyof typeof ARCHITECTURES

/** As Node names it; reading works on others than those that are known, too. */
export const ARCHITECTURE: string = process.arch
export const MACHINE_NAME = `${process.platform} ${process.arch}`

/** @throws RemoraError `PLATFORM_UNSUPPORTED` */
export function requirePlatform(): Platform {
  const { platform } = process
  if (platform in ARCHITECTURES) return platform as Platform
  throw new RemoraError('PLATFORM_UNSUPPORTED', `Remora does not run on ${platform} yet`)
}

/** Whether both the platform and the architecture are known. */
export function isKnownMachine(): boolean {
  return Object.entries(ARCHITECTURES).some(([platform, architectures]) => {
    return platform === process.platform && architectures.some((architecture) => architecture === ARCHITECTURE)
  })
}
