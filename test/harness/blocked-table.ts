// The table of docs/blocked-targets.md, made from what was seen: one row a way to block, and a word on the interpreter
// only where they differ.

import type { ExecDocument } from '../../src/session/documents/index.js'
import type { BlockedCall } from './blocked-calls.js'
import { blockedCalls } from './blocked-calls.js'
import type { Interpreter } from './interpreters.js'

const BEGIN = '<!-- begin of the table: written by npm run blocked-table -->'
const END = '<!-- end of the table -->'

type Outcomes = readonly (readonly string[])[]

interface Seen {
  readonly state: string
  readonly syscall: string | undefined
  readonly document: ExecDocument
}

export class BlockedTable {
  /** By the name of the call: the cells of each interpreter, as text. */
  readonly #rows = new Map<string, { readonly interpreter: string; readonly cells: readonly string[] }[]>()

  add({ name: interpreter }: Interpreter, { name, outcome }: BlockedCall, { state, syscall, document }: Seen): void {
    const alone = outcome === 'itself' ? 'when it ends' : 'no'
    const cells = [syscall === undefined ? state : `${state} in \`${syscall}\``, alone, describe(document)]
    this.#rows.set(name, [...(this.#rows.get(name) ?? []), { interpreter, cells }])
  }

  /** What came of each call in this run, and in the text: without a nudge, and with one. */
  compareWith(text: string): { readonly seen: Outcomes; readonly written: Outcomes } {
    const [, rest] = split(text, BEGIN)
    const rows = split(rest, END)[0]
      .split('\n')
      .map((row) => row.slice(2, -2).split(' | '))
    const written = new Map(rows.map(([first, , ...outcomes]) => [first as string, outcomes]))
    const calls = blockedCalls.filter(({ name }) => this.#rows.has(name))
    return {
      seen: calls.map(({ name, text: first }) => [first, ...merge(this.#rows.get(name) ?? []).slice(1)]),
      written: calls.map(({ text: first }) => [first, ...(written.get(first) ?? [])]),
    }
  }

  /** `text` with the rows that were seen in place of those that it has; others stay. */
  replaceIn(text: string): string {
    const [before, rest] = split(text, BEGIN)
    const [old, after] = split(rest, END)
    const known = new Map(old.split('\n').map((row) => [row.split(' | ')[0], row]))
    const rows = blockedCalls.flatMap((call) => {
      const seen = this.#rows.get(call.name)
      const row = seen === undefined ? known.get(`| ${call.text}`) : `| ${[call.text, ...merge(seen)].join(' | ')} |`
      return row === undefined ? [] : [row]
    })
    const head = ['| blocked in | seen as | without a nudge | with `--nudge` |', '| --- | --- | --- | --- |']
    return `${before}${BEGIN}\n${[...head, ...rows].join('\n')}\n${END}${after}`
  }
}

function describe({ outcome, nudges = [], notNudged }: ExecDocument): string {
  // The version of a library differs, and on arm64 the name of its function is known.
  const reason = notNudged?.replace(/\.so[.\d]+/, '.so').replace(/(the C library's) [^,]+/, '$1 own functions')
  if (outcome !== 'completed') return `no: ${reason}`
  const last = nudges.at(-1)
  if (last === undefined) return 'when it ends'
  return last.method === 'interrupt' ? 'at once' : 'at once, by a pending call'
}

/** Equal cells once, others with the interpreters that they were seen on. */
function merge(seen: readonly { readonly interpreter: string; readonly cells: readonly string[] }[]): string[] {
  return (seen[0]?.cells ?? []).map((_, column) => {
    const texts = [...new Set(seen.map(({ cells }) => cells[column] as string))]
    if (texts.length === 1) return texts[0] as string
    const withNames = texts.map((text) => {
      const names = seen.filter(({ cells }) => cells[column] === text).map(({ interpreter }) => interpreter)
      return `${text} (${names.join(', ')})`
    })
    return withNames.join('; ')
  })
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  if (at < 0) throw new Error(`no line ${mark}`)
  return [text.slice(0, at), text.slice(at + mark.length)]
}
