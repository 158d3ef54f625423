/** A text as one word of a command line to type: as it is, or quoted as a POSIX shell takes it. */
export function toShellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
