// The messages of the standard library's remote pdb: UTF-8 JSON objects, one a line, without numbers: after a prompt
// the target waits for exactly one reply or signal, and answers any number of requests for completion before it.
// Follows Lib/pdb.py (_PdbServer, _PdbClient) at v3.14.3; the protocol of v3.15.0 is the same. Pure: text in, objects out.

/** Of text that the target has to say: `error` is shown behind `***`. What is unknown counts as `info`. */
export type MessageType = 'info' | 'error'

/** What a prompt is for; for one that is unknown a single line is read and sent as it is. */
export type PromptState = 'pdb' | 'interact' | 'commands' | 'confirm' | (string & {})

/** From the target. */
export type ServerMessage =
  | { readonly message: string; readonly type: MessageType }
  /** The words that are commands at the moment, aliases among them; anything else is Python. */
  | { readonly command_list: readonly string[] }
  | { readonly prompt: string; readonly state: PromptState }
  | { readonly completions: readonly string[] }
  /** The client is to show the help of a topic, or the list of topics for ''. Our agent sends the text along. */
  | { readonly help: string; readonly text?: string }

export interface CompletionRequest {
  /** The word that is to be completed. */
  readonly text: string
  readonly line: string
  /** Where the word begins and ends in `line`. */
  readonly begidx: number
  readonly endidx: number
}

/** To the target. */
export type ClientMessage =
  | { readonly reply: string }
  /** Ctrl-C or Ctrl-D at a prompt. */
  | { readonly signal: 'INT' | 'EOF' }
  | { readonly complete: CompletionRequest }

/** Undefined for what is no message of the target's. */
export function parseServerMessage(line: string): ServerMessage | undefined {
  const { message, type, command_list, prompt, state, completions, help, text } = parseObject(line)
  if (typeof message === 'string' && typeof type === 'string') {
    return { message, type: type === 'error' ? 'error' : 'info' }
  }
  if (typeof prompt === 'string' && typeof state === 'string') return { prompt, state }
  if (typeof help === 'string') return typeof text === 'string' ? { help, text } : { help }
  if (isTexts(completions)) return { completions }
  if (isTexts(command_list)) return { command_list }
  return undefined
}

/** One line, without its end. Characters beyond ASCII are escaped, as Python's json does, so that nothing splits it. */
export function formatMessage(message: ClientMessage | ServerMessage): string {
  return JSON.stringify(message).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
