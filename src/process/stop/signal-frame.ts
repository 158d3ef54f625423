// The signal frames of this machine.

import { ARCHITECTURE } from '../../native/machine.js'
import type { SignalFrames } from './signal-detour.js'
import { arm64SignalFrames } from './signal-frame-arm64.js'
import { x64SignalFrames } from './signal-frame-x64.js'

const architectures: Readonly<Record<string, SignalFrames>> = { x64: x64SignalFrames, arm64: arm64SignalFrames }

/** Undefined on architectures whose frames are not known. */
export function signalFramesOf(architecture: string = ARCHITECTURE): SignalFrames | undefined {
  return architectures[architecture]
}
