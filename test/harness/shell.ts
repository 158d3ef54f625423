// The words of a POSIX shell: paths in its scripts, and what it makes of a line that a person is told to type.

import { execFileSync } from 'node:child_process'

/** A path or another text as one word of a script. */
export function toShellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** The words of a line, as a shell takes it. */
export function shellWords(line: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
}
