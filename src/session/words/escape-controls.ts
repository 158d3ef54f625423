// Text of strangers, such as a command line, in a form that a line of a terminal can hold: control characters become
// escapes. JSON documents do not need it.

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * Control characters, line and paragraph separators, and what turns the direction of writing: all but the others, since
 * a class by its Unicode properties takes half a millisecond to compile.
 */
const UNPRINTABLE = /[^ -~\u00a0-\u2027\u202f-\u2065\u206a-\uffff]/g

export function escapeControls(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) as number
    return ESCAPES[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`)
  })
}
