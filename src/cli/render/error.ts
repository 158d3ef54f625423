// A failure as a person reads it: what went wrong, then the way out.

import type { RemoraError } from '../../errors/remora-error.js'
import type { ErrorDocument } from '../../session/documents.js'

export function renderError({ message, hint }: RemoraError): string {
  return `remora: ${message}\n  ${hint}\n`
}

export function toErrorDocument({ code, message, hint, details }: RemoraError): ErrorDocument {
  return { schema: 'remora.error/1', code, message, hint, details: { ...details } }
}
