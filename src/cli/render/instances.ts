// What `remora inspect --instances` found: a line a class with its number and size, then the first objects.

import type { InstancesDocument } from '../../session/documents.js'
import { toPrintable } from '../../session/printable.js'
import type { Terminal } from '../terminal.js'
import { renderVariable } from './variable.js'

export function renderInstances(document: InstancesDocument, terminal: Terminal): string {
  const { classes, instances, scanned, complete } = document
  const total = classes.reduce((sum, { count }) => sum + count, 0)
  const counts = classes.map(({ type, count, bytes }) => {
    return `${terminal.style('bold', toPrintable(type))}  ${count} ${count === 1 ? 'object' : 'objects'}, ${bytes} bytes`
  })
  const more = total > instances.length ? [terminal.style('dim', `… and ${total - instances.length} more`)] : []
  const cut = complete
    ? []
    : [terminal.style('yellow', `not all was looked at: ${scanned} objects in the time there was`)]
  return [...counts, '', ...instances.map((one) => renderVariable(one, terminal)), ...more, ...cut, ''].join('\n')
}
