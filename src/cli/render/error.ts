// A failure as a person reads it: what went wrong, then the way out.

import type { RemoraError } from '../../errors/remora-error.js'
import type { ErrorDocument } from '../../session/documents/index.js'
import { escapeControls } from '../../session/words/escape-controls.js'

export function renderError({ message, hint }: RemoraError): string {
  return `remora: ${printableLines(message)}\n  ${printableLines(hint)}\n`
}

export function toErrorDocument({ code, message, hint, details }: RemoraError): ErrorDocument {
  return { schema: 'remora.error/1', code, message, hint, details: { ...details } }
}

/** Messages can hold names from the target's memory, which must not command the terminal. */
function printableLines(text: string): string {
  return text.split('\n').map(escapeControls).join('\n')
}
