// `remora pdb --json`: commands come from stdin, as a pipe brings them, and a document for each goes to stdout.

import type { PdbDocument } from '../../session/documents/index.js'
import { Pdb } from '../../session/run/pdb.js'
import { runExitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal/terminal.js'
import { PipedLines } from './piped-lines.js'
import { readStatement } from './read-statement.js'

export { Pdb }

/** Returns the exit code. */
export async function debugInDocuments(pdb: Pdb, terminal: Terminal): Promise<number> {
  const write = (document: PdbDocument): Promise<void> => terminal.writeOut(`${JSON.stringify(document)}\n`)
  const lines = new PipedLines({ input: terminal.stdin, write: async () => {}, gone: pdb.ended })
  try {
    for (let document = await pdb.beginning; ; ) {
      await write(document)
      const { prompt } = pdb
      if (prompt === undefined) return document.ended === 'detached' ? 0 : runExitCodes[document.ended ?? 'exited']
      const { command: _, ...shown } = document
      const reply = await readStatement(prompt, {
        readLine: (text) => lines.readLine(text),
        checkBlock: (block) => pdb.checkBlock(block),
        complain: (text) => write({ ...shown, messages: [{ type: 'error', text }] }),
      })
      document = await pdb.answer(reply)
    }
  } finally {
    lines.close()
  }
}
