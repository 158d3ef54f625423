// Colour for one line of Python: keywords, constants, strings, numbers, comments. A line may be half typed or lie inside
// of a longer string: what cannot be told stays plain.

import type { Style, Terminal } from '../terminal/terminal.js'

const KEYWORDS = new Set(
  `and as assert async await break case class continue def del elif else except finally for from global if import in is
  lambda match nonlocal not or pass raise return try while with yield`.split(/\s+/),
)
const CONSTANTS = new Set(['None', 'True', 'False', 'Ellipsis', 'NotImplemented'])

/** In a string that is not closed, all to the end of the line. Attributes are words, too, but never keywords. */
const TOKEN =
  /(?<comment>#.*)|(?<string>(?:\b[rbuft]{1,2})?(?:"""(?:.*?"""|.*)|'''(?:.*?'''|.*)|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?))|(?<number>\b\d[\w.]*)|\.\s*[\p{L}_][\p{L}\p{N}_]*|(?<word>[\p{L}_][\p{L}\p{N}_]*)/giu

export function colourPython(line: string, style: Terminal['style']): string {
  return line.replaceAll(TOKEN, (token, ...rest) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>
    const format = formatOf(token, groups)
    return format === undefined ? token : style(format, token)
  })
}

function formatOf(token: string, groups: Readonly<Record<string, string | undefined>>): Style | undefined {
  if (groups.comment !== undefined) return 'dim'
  if (groups.string !== undefined) return 'green'
  if (groups.number !== undefined) return 'yellow'
  if (groups.word === undefined) return undefined
  if (KEYWORDS.has(token)) return 'bold'
  return CONSTANTS.has(token) ? 'yellow' : undefined
}
