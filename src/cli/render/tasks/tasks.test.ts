import { expect, test } from 'vitest'
import type { FrameInfo, TaskInfo, TasksDocument } from '../../../session/documents/index.js'
import type { Terminal } from '../../terminal/terminal.js'
import { renderTaskTree } from './task-tree.js'
import { renderTasks } from './tasks.js'

const target = { pid: 7, python: '3.14.8', executable: '/usr/bin/python3.14', command: 'python3.14 app.py' }
const mainThread = { id: 100, nativeId: 7, name: 'MainThread' }
const plain = (columns?: number): Terminal => ({ columns, style: (_: string, text: string) => text }) as Terminal

function call(qualifiedName: string, line: number | null): FrameInfo {
  return { function: qualifiedName, qualifiedName, file: '/srv/app.py', line, endLine: line, column: 0, endColumn: 1 }
}

function task(id: number, name: string, rest: Partial<TaskInfo> = {}): TaskInfo {
  const calls = [call('leaf', 3), call('Job.run', 10)]
  return { id, name, threadId: 100, state: 'waiting', coroutines: calls, awaitedBy: [], consistent: true, ...rest }
}

function document(tasks: TaskInfo[], rest: Partial<TasksDocument> = {}): TasksDocument {
  return { schema: 'remora.tasks/1', target, takenAt: '', complete: true, tasks, threads: [mainThread], ...rest }
}

const family = document([
  task(1, 'main', { coroutines: [call('main', 20)], waitsFor: { type: '_GatheringFuture', id: 90 } }),
  task(2, 'größe', { awaitedBy: [1], waitsFor: { type: 'Event', id: 91 } }),
  task(3, 'worker\n', { awaitedBy: [1], state: 'running', coroutines: [call('spin', null)] }),
  task(4, 'shared', { awaitedBy: [2, 3], state: 'scheduled', cancelRequests: 1, consistent: false }),
])

test('a table', () => {
  expect(renderTasks(family, plain())).toBe(
    [
      'TASK      STATE                             WAITS FOR         AWAITED BY       CALLS',
      'main      waiting                           _GatheringFuture                   main (app.py:20)',
      'größe     waiting                           Event             main             leaf (app.py:3) ← Job.run',
      'worker\\n  running                                             main             spin (app.py:?)',
      'shared    scheduled, cancelling, uncertain                    größe, worker\\n  leaf (app.py:3) ← Job.run',
      '',
    ].join('\n'),
  )
})

test('a table of tasks in several threads, with names that occur twice, on a narrow terminal', () => {
  const [a, b, c] = [task(0x10, 'Task-1'), task(0x20, 'Task-1', { threadId: 200 }), task(0x30, '')]
  const { threadId: _, ...left } = task(0x40, 'left', {
    coroutines: [call('leaf', 3), call('a_name_that_is_too_long', 1)],
  })
  const threads = [mainThread, { id: 200, nativeId: 8, name: 'loop' }]
  expect(renderTasks(document([a, b, c, left], { threads, complete: false }), plain(62))).toBe(
    [
      'TASK           STATE    THREAD      CALLS',
      'Task-1 (0x10)  waiting  MainThread  leaf (app.py:3) ← Job.run',
      'Task-1 (0x20)  waiting  loop        leaf (app.py:3) ← Job.run',
      "''             waiting  MainThread  leaf (app.py:3) ← Job.run",
      'left           waiting  ?           leaf (app.py:3) ← a_name_…',
      '',
      'the tasks changed while they were read; some may be missing',
      '',
    ].join('\n'),
  )
})

test('a table of tasks whose names are wide', () => {
  const tasks = [task(1, '注文🐟', { coroutines: [call('計算する', 3)] }), task(2, 'nai\u0308ve'), task(3, 'Task-1')]
  expect(renderTasks(document(tasks), plain(35))).toBe(
    [
      'TASK    STATE    CALLS',
      '注文🐟  waiting  計算する (app.py:…',
      'nai\u0308ve   waiting  leaf (app.py:3) ←…',
      'Task-1  waiting  leaf (app.py:3) ←…',
      '',
    ].join('\n'),
  )
})

test('a tree, in which a task that is awaited twice is drawn once', () => {
  expect(renderTaskTree(family, plain())).toBe(
    [
      'main [waiting]',
      '└── main /srv/app.py:20',
      '    ├── größe [waiting]',
      '    │   └── Job.run /srv/app.py:10',
      '    │       └── leaf /srv/app.py:3',
      '    │           └── shared [scheduled, cancelling, uncertain]',
      '    │               └── Job.run /srv/app.py:10',
      '    │                   └── leaf /srv/app.py:3',
      '    └── worker\\n [running]',
      '        └── spin /srv/app.py:?',
      '            └── shared [see above]',
      '',
    ].join('\n'),
  )
})

test('a tree of tasks in several threads, one of which waits for another alone', () => {
  const tasks = [
    task(1, 'a', { coroutines: [] }),
    task(2, 'b', { threadId: 200, coroutines: [call('b', 1)], waitsFor: { type: 'Future', id: 9 } }),
    task(3, 'c', { awaitedBy: [2], coroutines: [] }),
  ]
  expect(
    renderTaskTree(document(tasks, { threads: [mainThread, { id: 200, nativeId: 8, name: 'loop' }] }), plain()),
  ).toBe(
    [
      'thread 7 (MainThread)',
      'a [waiting]',
      '',
      'thread 8 (loop)',
      'b [waiting]',
      '└── b /srv/app.py:1',
      '    └── c [waiting]',
      '',
    ].join('\n'),
  )
})

test('tasks that await each other in a ring are drawn until it closes, and told', () => {
  const tasks = [
    task(1, 'a', { awaitedBy: [2], coroutines: [call('a', 1)] }),
    task(2, 'b', { awaitedBy: [1], coroutines: [call('b', 2)] }),
    task(3, 'outside', { coroutines: [] }),
  ]
  expect(renderTaskTree(document(tasks, { cycles: [[1, 2]] }), plain())).toBe(
    [
      'outside [waiting]',
      'a [waiting]',
      '└── a /srv/app.py:1',
      '    └── b [waiting]',
      '        └── b /srv/app.py:2',
      '            └── a [cycle]',
      '',
      'cycle: a awaits b awaits a',
      '',
    ].join('\n'),
  )
})

test('a tree that is deeper than anybody reads is cut', () => {
  const tasks = Array.from({ length: 1002 }, (_, id) =>
    task(id + 1, `t${id}`, { awaitedBy: id === 0 ? [] : [id], coroutines: [] }),
  )
  const lines = renderTaskTree(document(tasks), plain()).trimEnd().split('\n')
  expect(lines[1000]).toMatch(/└── t1000 …$/)
})
