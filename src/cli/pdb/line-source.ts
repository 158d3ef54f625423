// Where the lines of a session come from: a terminal, a pipe, or a socket.

import type { OpenPrompt } from '../../pdb/serve-front-end.js'

/** A line, or what was pressed instead of one: Ctrl-C, or Ctrl-D (and the end of a pipe). */
export type TypedLine = { readonly line: string } | { readonly signal: 'INT' | 'EOF' }

export interface LineSource {
  /** @param more Whether the line goes on a block whose first line was read at `open`'s own prompt. */
  readLine(prompt: string, open: OpenPrompt, more: boolean): Promise<TypedLine>
  close(): void
}
