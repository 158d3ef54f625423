// What every part of the screen of `remora top` is drawn with.

import type { Terminal } from '../../terminal/terminal.js'
import type { ScreenSize } from '../text/fit-screen.js'

export interface ScreenContext {
  readonly size: ScreenSize
  readonly style: Terminal['style']
  /** A line of the target's source. */
  readonly findLine: (file: string, line: number) => string | undefined
}
