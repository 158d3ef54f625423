// Why remote debugging is off in a process, from how it was started, and the command line that would start it with
// remote debugging on. Pure. Follows config_init_remote_debug in Python/initconfig.c at v3.14.0.

import { toShellWord } from '../../errors/shell-word.js'

const VARIABLE = 'PYTHON_DISABLE_REMOTE_DEBUG'
const OPTION = 'disable-remote-debug'

export function explainDisabled(
  words: readonly string[],
  environment: ReadonlyMap<string, string> | undefined,
): { detail: string; remedy: string } {
  // Set to anything, even to nothing.
  const byVariable = environment?.has(VARIABLE) === true
  const kept = withoutOption(words)
  const byOption = kept.join('\0') !== words.join('\0')
  const causes = [
    ...(byVariable ? [`${VARIABLE} in its environment`] : []),
    ...(byOption ? [`the option -X ${OPTION}`] : []),
  ]
  if (causes.length > 0) {
    const command = [...(byVariable ? ['env', '-u', VARIABLE] : []), ...kept].map(toShellWord).join(' ')
    return {
      detail: `remote debugging is disabled by ${causes.join(' and by ')}`,
      remedy: `Reading works. To run code in it, restart it with: ${command}`,
    }
  }
  const known =
    environment === undefined
      ? 'its environment may not be read'
      : 'neither its environment nor its command line does that'
  return {
    detail: `remote debugging is disabled: by its build (--without-remote-debug) or by the program that embeds it; ${known}`,
    remedy:
      'Reading works. To run code in it, run it with a CPython that answers True to: python3 -c "import sys; print(sys.is_remote_debug_enabled())"',
  }
}

/** The command line without `-X disable-remote-debug` in any of its spellings; it ends where the program's name stands. */
function withoutOption(words: readonly string[]): string[] {
  const kept = words.slice(0, 1)
  let at = 1
  for (; at < words.length; at++) {
    const word = words[at] as string
    if (!word.startsWith('-') || word === '-') break
    const [, flags = '', letter, rest = ''] = /^-([^-cmWX]*)([cmWX])(.*)$/s.exec(word) ?? []
    if (letter === 'c' || letter === 'm') break
    const value = letter === undefined || rest !== '' ? [] : words.slice(at + 1, at + 2)
    const isIt = letter === 'X' && (rest || value[0])?.split('=')[0] === OPTION
    if (!isIt) kept.push(word, ...value)
    else if (flags !== '') kept.push(`-${flags}`)
    at += value.length
  }
  return [...kept, ...words.slice(at)]
}
