// One reply to a prompt: a line, or a Python block of several. What a whole block is, the target's own Python says.
// Follows Lib/pdb.py (_PdbClient.read_command) at v3.14.3.

import type { BlockState } from '../../pdb/agent-transport.js'
import type { OpenPrompt, Reply } from '../../pdb/serve-front-end.js'
import type { TypedLine } from './line-source.js'

interface Reader {
  readLine(prompt: string, more: boolean): Promise<TypedLine>
  checkBlock(block: string): Promise<BlockState>
  /** Says what is wrong with a statement, which then is read again from its beginning. */
  complain(error: string): Promise<void>
}

export async function readStatement(open: OpenPrompt, reader: Reader): Promise<Reply> {
  for (;;) {
    const first = await reader.readLine(open.prompt, false)
    if ('signal' in first) return first
    if (!takesBlocks(open.state) || isWhole(first.line, open)) return { reply: first.line }
    const block = await readBlock(first.line, open, reader)
    if (!('error' in block)) return block
    await reader.complain(block.error)
  }
}

async function readBlock(first: string, open: OpenPrompt, reader: Reader): Promise<Reply | { error: string }> {
  const prefix = open.state === 'pdb' && first.startsWith('!') ? '!' : ''
  let block = prefix === '' ? first : first.slice(1).trimStart()
  let state = await reader.checkBlock(`${block}\n`)
  if ('complete' in state && state.complete) return { reply: prefix + block }
  for (;;) {
    if ('error' in state) return state
    const next = await reader.readLine('...'.padEnd(open.prompt.length), true)
    if ('signal' in next) return next
    block += `\n${next.line}`
    state = await reader.checkBlock(block)
    if ('complete' in state && state.complete) return { reply: prefix + block }
  }
}

function takesBlocks(state: string): boolean {
  return state === 'pdb' || state === 'interact'
}

/** A blank line, which repeats the last command, or a command: no Python that could go on. */
function isWhole(line: string, { state, isCommand }: OpenPrompt): boolean {
  return state === 'pdb' && (line.trim() === '' || isCommand(commandWord(line)))
}

/** What cmd.Cmd takes for the command of a line: pdb adds characters to a word so that `c.a` is no `c`. */
function commandWord(line: string): string {
  const text = line.trim()
  return text.startsWith('?') ? 'help' : (/^[\w=.[\](),"'+\-*/%@&|<>~^]*/.exec(text)?.[0] ?? '')
}
