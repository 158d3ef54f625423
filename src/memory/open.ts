// Opens the memory of a live process by the means of this platform. Nothing outside of this folder imports the file of a
// platform.

import { type Platform, requirePlatform } from '../native/machine.js'
import { openLinuxMemory } from './linux.js'
import { LinuxScatterReader } from './linux-scatter.js'
import type { Access, RemoteMemory } from './remote-memory.js'
import type { ScatterReader } from './scatter.js'

type OpenMemory = (pid: number, access: Access) => RemoteMemory
type OpenScatterReader = (pid: number) => ScatterReader

// Two tables, as most commands need the first one only: the build leaves out what is not used.
const memories: Readonly<Record<Platform, OpenMemory>> = { linux: openLinuxMemory }
const scatterReaders: Readonly<Record<Platform, OpenScatterReader>> = { linux: (pid) => new LinuxScatterReader(pid) }

/**
 * Opens the memory of process `pid`.
 * @throws RemoraError `PLATFORM_UNSUPPORTED`; else the plain system error of opening it (`EACCES`, `ENOENT`, …), of which
 * the caller knows what it means for the user.
 */
export function openMemory(pid: number, access: Access): RemoteMemory {
  return memories[requirePlatform()](pid, access)
}

/**
 * Opens process `pid` for reads of the same pieces again and again.
 * @throws As `openMemory`.
 */
export function openScatterReader(pid: number): ScatterReader {
  return scatterReaders[requirePlatform()](pid)
}
