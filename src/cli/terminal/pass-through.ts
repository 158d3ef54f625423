// Output of code that runs in a target, to the same stream here, as it comes.

import type { ExecutionOptions } from '../../session/run/execution.js'
import type { Terminal } from './terminal.js'
import type { WaitingNotice } from './waiting-notice.js'

export function passThrough(terminal: Terminal, notice: WaitingNotice): NonNullable<ExecutionOptions['onOutput']> {
  return (stream, bytes) => {
    notice.clear()
    return stream === 'stdout' ? terminal.writeOut(bytes) : terminal.writeError(bytes)
  }
}
