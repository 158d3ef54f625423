// The tree of `remora tasks --tree`: from the tasks that nobody awaits, along the calls of their coroutines, to the
// tasks that these await. A task that is awaited twice is drawn once and named after that; a ring of tasks that await
// each other begins anywhere and ends where it closes.

import type { FrameInfo, TaskInfo, TasksDocument } from '../../../session/documents/index.js'
import { findChildren } from '../../../session/read/tasks/await-cycles.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import type { Terminal } from '../../terminal/terminal.js'
import { toLabels, toRemarks } from './task-label.js'
import { toState, toWait } from './tasks.js'

/** Deeper trees are cut: nobody reads them, and a chain of tasks may be as long as a program likes. */
const MAX_DEPTH = 1000

export function renderTaskTree(document: TasksDocument, terminal: Terminal): string {
  const tree = new Tree(document, terminal)
  const { tasks, threads } = document
  const names = new Map(threads.map(({ id, nativeId, name }) => [id, `thread ${nativeId} (${escapeControls(name)})`]))
  const lines: string[] = []
  // A task of a ring has no root above it: whatever is not drawn yet begins a tree of its own.
  for (const root of [...tasks.filter(({ awaitedBy }) => awaitedBy.length === 0), ...tasks]) {
    if (tree.isDrawn(root)) continue
    if (names.size > 1) tree.startThread(names.get(root.threadId ?? 0) ?? 'no running thread', lines)
    tree.draw(root, '', lines)
  }
  const remarks = toRemarks(document, tree.labels)
  return [...lines, ...(remarks.length === 0 ? [] : ['', ...remarks]), ''].join('\n')
}

class Tree {
  readonly labels: ReadonlyMap<number, string>
  readonly #style: Terminal['style']
  readonly #tasks: ReadonlyMap<number, TaskInfo>
  readonly #children: ReadonlyMap<number, readonly number[]>
  readonly #drawn = new Set<number>()
  readonly #path = new Set<number>()
  #thread: string | undefined

  constructor({ tasks }: TasksDocument, { style }: Terminal) {
    this.labels = toLabels(tasks)
    this.#style = style
    this.#tasks = new Map(tasks.map((task) => [task.id, task]))
    this.#children = findChildren(tasks)
  }

  isDrawn({ id }: TaskInfo): boolean {
    return this.#drawn.has(id)
  }

  startThread(name: string, lines: string[]): void {
    if (name === this.#thread) return
    if (this.#thread !== undefined) lines.push('')
    lines.push(name)
    this.#thread = name
  }

  /** `indent` is what stands before the lines below this one; the line itself is begun by the caller. */
  draw(task: TaskInfo, indent: string, lines: string[], begin = ''): void {
    const label = this.#style('bold', this.labels.get(task.id) ?? '?')
    if (this.#path.has(task.id)) return void lines.push(`${begin}${label} [cycle]`)
    if (this.isDrawn(task)) return void lines.push(`${begin}${label} [see above]`)
    if (this.#path.size >= MAX_DEPTH) return void lines.push(`${begin}${label} …`)
    this.#drawn.add(task.id)
    this.#path.add(task.id)
    const children = this.#childrenOf(task)
    const wait = children.length === 0 ? toWait(task, this.labels) : ''
    lines.push(`${begin}${label} [${toState(task)}${wait === '' ? '' : ` for ${wait}`}]`)
    let inner = indent
    // Outermost first: the calls lead down to what is awaited.
    for (const frame of task.coroutines.toReversed()) {
      lines.push(`${inner}└── ${toCall(frame)}`)
      inner += '    '
    }
    children.forEach((child, index) => {
      const last = index === children.length - 1
      this.draw(child, `${inner}${last ? '    ' : '│   '}`, lines, `${inner}${last ? '└── ' : '├── '}`)
    })
    this.#path.delete(task.id)
  }

  #childrenOf({ id }: TaskInfo): TaskInfo[] {
    return (this.#children.get(id) ?? []).flatMap((child) => this.#tasks.get(child) ?? [])
  }
}

function toCall({ qualifiedName, file, line }: FrameInfo): string {
  return `${escapeControls(qualifiedName)} ${escapeControls(file)}:${line ?? '?'}`
}
