// `remora stack`, most often typed in a hurry: without the readers of values, which only `--locals` needs, it starts a
// millisecond earlier.

import { loadCommand } from '../load-command.js'
import { mainOf } from '../run-command.js'
import { stackCommand } from '../stack-command.js'

const runStack = mainOf(stackCommand())

export function main(words: readonly string[]): Promise<number> {
  return words.includes('--locals') ? loadCommand('./stack-locals.cjs').main(words) : runStack(words)
}
