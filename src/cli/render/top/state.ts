// What a person has chosen on the screen of `remora top`. Rows are remembered by their key, as they move while one looks.

import type { TopDocument } from '../../../session/documents/index.js'

export const pages = ['functions', 'lines', 'threads', 'tasks'] as const
export type TopPage = (typeof pages)[number]

export const modes = ['wall', 'cpu', 'gil', 'exceptions'] as const satisfies readonly TopDocument['mode'][]

export interface TopState {
  readonly page: TopPage
  readonly mode: TopDocument['mode']
  readonly sort: 'self' | 'total'
  /** Rows that do not contain it are left out. */
  readonly filter: string
  /** Characters go to the filter. */
  readonly typing: boolean
  readonly paused: boolean
  readonly help: boolean
  /** The key of the row on which the cursor is; the first row without it. */
  readonly selected?: string
  /** Only this thread counts. */
  readonly thread?: { readonly key: string; readonly label: string }
  /** The function whose lines are shown, and the first of them that is, if someone has moved there. */
  readonly opened?: OpenedFunction
}

export interface OpenedFunction {
  readonly function: string
  readonly file: string
  /** Line of its definition. */
  readonly line: number
  readonly firstShown?: number
}

export const initialState: TopState = {
  page: 'functions',
  mode: 'wall',
  sort: 'self',
  filter: '',
  typing: false,
  paused: false,
  help: false,
}
