// What each key does: from a state and what is on the screen to the next state.

import type { TopDocument } from '../../../session/documents/index.js'
import { threadKey } from '../../../session/profile/top/thread-key.js'
import type { Key } from '../../terminal/full-screen.js'
import { functionKey, lineKey, threadLabel, toPage } from './rows.js'
import { selectedIndex } from './screen.js'
import { firstShownOf } from './source-view.js'
import { modes, pages, type TopState } from './state.js'

const PAGE_ROWS = 10
/** Further than any list. */
const TO_THE_END = Number.MAX_SAFE_INTEGER

/** The next state, or undefined if that is the end. */
export function press(state: TopState, key: Key, document: TopDocument): TopState | undefined {
  if (key.ctrl) return key.name === 'c' ? undefined : state
  if (state.typing) return typeFilter(state, key)
  if (key.name === 'q') return undefined
  const distance = distances[key.name ?? '']
  if (distance !== undefined) return move(state, distance, document)
  const act = actions[key.name ?? ''] ?? actions[key.text ?? '']
  return act === undefined ? state : act(state, document)
}

function typeFilter(state: TopState, { name, text = '' }: Key): TopState {
  if (name === 'return' || name === 'enter') return { ...state, typing: false }
  if (name === 'escape') return { ...state, typing: false, filter: '' }
  if (name === 'backspace') return { ...state, filter: [...state.filter].slice(0, -1).join('') }
  return /^\P{Cc}+$/u.test(text) ? { ...state, filter: state.filter + text } : state
}

const distances: Readonly<Record<string, number>> = {
  up: -1,
  k: -1,
  down: 1,
  j: 1,
  pageup: -PAGE_ROWS,
  pagedown: PAGE_ROWS,
  home: -TO_THE_END,
  end: TO_THE_END,
}

function move(state: TopState, distance: number, document: TopDocument): TopState {
  const { opened } = state
  if (opened !== undefined) {
    const first = opened.firstShown ?? firstShownOf(opened, document)
    const last = Math.max(
      opened.line,
      ...document.lines.filter(({ file }) => file === opened.file).map(({ line }) => line),
    )
    return { ...state, opened: { ...opened, firstShown: between(1, first + distance, last) } }
  }
  const page = toPage(document, state)
  const row = page.rows[between(0, selectedIndex(page, state) + distance, page.rows.length - 1)]
  return row === undefined ? state : { ...state, selected: row.key }
}

type Action = (state: TopState, document: TopDocument) => TopState

const actions: Readonly<Record<string, Action>> = {
  ...Object.fromEntries(
    pages.map((page, index): [string, Action] => [String(index + 1), (state) => turnTo(state, page)]),
  ),
  tab: (state) => turnTo(state, next(pages, state.page)),
  s: (state) => ({ ...state, sort: state.sort === 'self' ? 'total' : 'self' }),
  m: (state) => ({ ...state, mode: next(modes, state.mode) }),
  '/': (state) => ({ ...state, typing: true }),
  p: togglePause,
  space: togglePause,
  '?': toggleHelp,
  h: toggleHelp,
  '<': (state, document) => stepThread(state, document, -1),
  '>': (state, document) => stepThread(state, document, 1),
  return: open,
  enter: open,
  escape: goBack,
}

function turnTo(state: TopState, page: TopState['page']): TopState {
  const { opened: _, selected: __, ...rest } = state
  return { ...rest, page, help: false }
}

function togglePause(state: TopState): TopState {
  return { ...state, paused: !state.paused }
}

function toggleHelp(state: TopState): TopState {
  return { ...state, help: !state.help }
}

function open(state: TopState, document: TopDocument): TopState {
  const page = toPage(document, state)
  const key = page.rows[selectedIndex(page, state)]?.key
  if (key === undefined || state.help || state.opened !== undefined) return state
  if (state.page === 'threads') {
    const thread = document.threads.find((one) => threadKey(one) === key)
    return thread === undefined ? state : turnTo({ ...state, thread: { key, label: threadLabel(thread) } }, 'functions')
  }
  const line = state.page === 'lines' ? document.lines.find((one) => lineKey(one) === key) : undefined
  const found =
    line === undefined
      ? document.functions.find((one) => functionKey(one) === key)
      : { ...line, line: line.functionLine }
  if (found === undefined) return state
  return { ...state, opened: { function: found.function, file: found.file, line: found.line } }
}

/** One step back: what was done last, in the order in which one would do it. */
function goBack(state: TopState): TopState {
  if (state.help) return { ...state, help: false }
  const { opened, thread, ...rest } = state
  if (opened !== undefined) return thread === undefined ? rest : { ...rest, thread }
  return thread === undefined ? { ...state, filter: '' } : rest
}

/** All threads come before the first one, and behind the last. */
function stepThread(state: TopState, { threads }: TopDocument, step: 1 | -1): TopState {
  const { thread: _, ...rest } = state
  // In the order of their start, which does not change while one steps through them.
  const ordered = threads.toSorted((a, b) => a.pid - b.pid || a.nativeId - b.nativeId)
  const places = ordered.length + 1
  const now = ordered.findIndex((one) => threadKey(one) === state.thread?.key) + 1
  const thread = ordered[((now + step + places) % places) - 1]
  return thread === undefined ? rest : { ...rest, thread: { key: threadKey(thread), label: threadLabel(thread) } }
}

function next<T>(list: readonly T[], one: T): T {
  return list[(list.indexOf(one) + 1) % list.length] ?? one
}

function between(low: number, value: number, high: number): number {
  return Math.max(low, Math.min(value, high))
}
