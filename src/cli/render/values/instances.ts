// What `remora inspect --instances` found: a line a class with its number and size, then the first objects.

import type { InstancesDocument } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import type { Terminal } from '../../terminal/terminal.js'
import { renderVariable } from './variable.js'

/** What a search says that may have missed something. */
export const INCOMPLETE = 'some may be missing: the time was up (--timeout), or something changed at each read'

export function renderInstances(document: InstancesDocument, terminal: Terminal): string {
  const { classes, instances, scanned, complete } = document
  const total = classes.reduce((sum, { count }) => sum + count, 0)
  const counts = classes.map(({ type, count, bytes }) => {
    return `${terminal.style('bold', escapeControls(type))}  ${count} ${count === 1 ? 'object' : 'objects'}, ${bytes} bytes`
  })
  const more = total > instances.length ? [terminal.style('dim', `… and ${total - instances.length} more`)] : []
  const cut = complete ? [] : [terminal.style('yellow', `${scanned} objects were looked at; ${INCOMPLETE}`)]
  return [...counts, '', ...instances.map((one) => renderVariable(one, terminal)), ...more, ...cut, ''].join('\n')
}
