// `remora tasks` against what the target says of itself and what the interpreter's own `asyncio ps` and `asyncio pstree`
// say of it, for programs whose tasks wait in every way that asyncio has.

import { describe, expect, test } from 'vitest'
import { renderTaskTree } from '../../../src/cli/render/tasks/task-tree.js'
import type { Terminal } from '../../../src/cli/terminal/terminal.js'
import { attach } from '../../../src/session/attach.js'
import type { TaskInfo, TasksDocument } from '../../../src/session/documents/index.js'
import { asyncioPs, asyncioTree, startForTools } from '../../harness/asyncio-tool.js'
import { expectUnchanged } from '../../harness/fingerprint.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { parseTree } from '../../harness/parse-tree.js'
import { remora } from '../../harness/remora.js'
import { startTarget, type TestTarget } from '../../harness/target.js'

type Call = readonly [qualifiedName: string, file: string, line: number, via: string]

/** What a program says of one task; see test/programs/task_truth.py. */
interface Truth {
  readonly id: number
  readonly name: string
  readonly thread: number | null
  readonly calls: readonly Call[]
  readonly graph: readonly string[] | null
  readonly awaitedBy: readonly number[]
  readonly waitsFor: string | null
  readonly cancelling: number
}

async function start(interpreter: Interpreter, program: string, ...words: string[]) {
  const target = await startForTools(interpreter, program, words)
  if (words.includes('blocked')) await target.untilBlockedIn('read')
  const truth = (await target.says('tasks')) as Truth[]
  await using attached = await attach(target.pid)
  return { target, truth, document: attached.tasks() }
}

/** The program ends as it was, and undisturbed. */
async function expectEndUnchanged(target: TestTarget): Promise<void> {
  const { result, fingerprint, exit } = await target.finish()
  expect([result, exit, target.stderr]).toEqual([true, 0, ''])
  expectUnchanged(target.before, fingerprint)
}

function toTruth(task: TaskInfo): Truth {
  return {
    id: task.id,
    name: task.name,
    thread: task.threadId ?? null,
    calls: task.coroutines.map(({ qualifiedName, file, line }) => [qualifiedName, file, line ?? 0, '']),
    graph: null,
    awaitedBy: [...task.awaitedBy].sort((a, b) => a - b),
    waitsFor: task.waitsFor?.type ?? null,
    cancelling: task.cancelRequests ?? 0,
  }
}

function byId<T extends { readonly id: number }>(tasks: readonly T[]): T[] {
  return [...tasks].sort((a, b) => a.id - b.id)
}

function expectTruth({ tasks, complete }: TasksDocument, truth: readonly Truth[]): void {
  const comparable = truth.map((one) => ({
    ...one,
    graph: null,
    calls: one.calls.map(([name, file, line]): Call => [name, file, line, '']),
  }))
  expect(byId(tasks.map(toTruth))).toEqual(byId(comparable))
  expect([complete, ...tasks.map(({ consistent }) => consistent)]).not.toContain(false)
  // asyncio's own call graph ends at the first call that is not a coroutine's; as far as it goes, it is the same.
  for (const { id, graph } of truth.filter(({ graph: known }) => known !== null)) {
    const calls = tasks.find((task) => task.id === id)?.coroutines.map(({ qualifiedName }) => qualifiedName) ?? []
    expect(calls.slice(calls.length - (graph?.length ?? 0))).toEqual(graph)
  }
}

/** The outer calls that the interpreter's tools see: they do not look through anything that is not a coroutine. */
function seenByTools({ calls }: Truth): readonly Call[] {
  const blind = calls.findLastIndex(([, , , via]) => via !== 'coroutine')
  return calls.slice(blind + 1)
}

/** The paths of the tree that must be printed for these tasks, if of each task these calls are known. */
function expectedPaths(truth: readonly Truth[], callsOf: (task: Truth) => readonly Call[]): Set<string> {
  const paths = new Set<string>()
  for (const task of truth) {
    if (task.awaitedBy.length === 0) paths.add(` > ${task.name}`)
    const calls = callsOf(task).map(([name, file, line]) => `${name} ${file}:${line}`)
    const path = [task.name, ...calls.toReversed()].join(' > ')
    const children = truth.filter(({ awaitedBy }) => awaitedBy.includes(task.id))
    for (const child of children) paths.add(`${path} > ${child.name}`)
    if (children.length === 0) paths.add(path)
  }
  return paths
}

const plain = { columns: undefined, style: (_format: string, text: string) => text } as Terminal

function treePaths(document: TasksDocument): Set<string> {
  return parseTree(renderTaskTree(document, plain).replaceAll(/^cycle: .*$/gm, ''), (text) => {
    const task = /^(.*) \[(?:running|waiting|scheduled|see above|cycle).*\]$/.exec(text)?.[1]
    return task === undefined ? { call: text } : { task }
  })
}

function toolTreePaths(text: string): Set<string> {
  return parseTree(text, (label) => (label.startsWith('(T) ') ? { task: label.slice(4) } : { call: label }))
}

/**
 * The name as the tools show it, undefined where that of 3.14 garbles what is not ASCII: then only what the target says
 * of itself can be compared.
 */
function nameInTools({ version }: Interpreter, name: string): string | undefined {
  return version.startsWith('3.14') && /[^\x20-\x7e]/.test(name) ? undefined : name.slice(0, 255)
}

const GARBLED = 'garbled'

/** Compares with `asyncio ps`, and with `asyncio pstree`, as far as they can be right. */
function expectSameAsTools(
  interpreter: Interpreter,
  pid: number,
  document: TasksDocument,
  truth: readonly Truth[],
): void {
  const rows = asyncioPs(interpreter, pid)
  const known = new Map(truth.map((task) => [task.id, task]))
  for (const { id, name, calls } of rows) {
    const task = known.get(id) as Truth
    expect(name).toBe(nameInTools(interpreter, task.name) ?? name)
    expect(calls).toEqual(seenByTools(task).map(([qualifiedName]) => qualifiedName))
  }
  const edges = document.tasks.flatMap(({ id, awaitedBy }) =>
    (awaitedBy.length === 0 ? [0] : awaitedBy).map((parent) => `${id} by ${parent}`),
  )
  expect(edges.sort()).toEqual(rows.map(({ id, awaitedBy }) => `${id} by ${awaitedBy}`).sort())
  const threads = document.threads.map(({ nativeId }) => nativeId)
  expect([...new Set(rows.map(({ nativeThreadId }) => nativeThreadId))].sort()).toEqual(threads.sort())

  const { stdout, stderr } = asyncioTree(interpreter, pid)
  expect(stderr).toBe('')
  const paths = expectedPaths(
    truth.map((task) => ({ ...task, name: nameInTools(interpreter, task.name) ?? `${GARBLED} ${task.id}` })),
    seenByTools,
  )
  const found = toolTreePaths(stdout)
  const garbled = [...paths].filter((path) => path.includes(GARBLED))
  for (const path of [...paths].filter((path) => !garbled.includes(path))) expect(found).toContain(path)
  expect([...found].filter((path) => !paths.has(path)).length).toBeLessThanOrEqual(garbled.length)
}

describe.each(interpreters)('$name', (interpreter) => {
  test('the command line prints a table, a tree, or the document', async () => {
    const target = await startTarget(interpreter, 'server.py')
    await target.untilBlockedIn('epoll_wait', 'epoll_pwait')
    const [table, tree, json] = await Promise.all([
      remora(['tasks', target.pid]),
      remora(['tasks', target.pid, '--tree']),
      remora(['tasks', target.pid, '--json']),
    ])
    const calls = 'StreamReader._wait_for_data (streams.py:N) ← StreamReader.read ← StreamReader.read ← serve'
    expect(table.stdout.replaceAll(/py:\d+/g, 'py:N')).toBe(
      `TASK    STATE    WAITS FOR  CALLS\nTask-1  waiting  Future     ${calls}\n`,
    )
    expect(tree.stdout).toMatch(
      /^Task-1 \[waiting for Future\]\n└── serve \/.*\/server\.py:23\n {4}└── StreamReader\.read /,
    )
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 'remora.tasks/1',
      target: { pid: target.pid, python: interpreter.version },
      complete: true,
      tasks: [{ name: 'Task-1', state: 'waiting', awaitedBy: [], consistent: true }],
      threads: [{ nativeId: target.pid, name: 'MainThread' }],
    })
    expect([table, tree, json].map(({ code, stderr }) => [code, stderr])).toEqual(Array(3).fill([0, '']))
    await expectEndUnchanged(target)
  })

  test('a program without asyncio has no tasks', async () => {
    const target = await startTarget(interpreter, 'reader.py')
    const { code, stdout, stderr } = await remora(['tasks', target.pid])
    expect([code, stdout, stderr]).toEqual([0, '', `remora: process ${target.pid} has no asyncio tasks\n`])
    await using attached = await attach(target.pid)
    expect(attached.tasks()).toMatchObject({ complete: true, tasks: [], threads: [] })
  })

  test.each(['c', 'eager'])('tasks that wait in every way: %s', async (kind) => {
    const { target, truth, document } = await start(interpreter, 'task_waits.py', kind)
    expectTruth(document, truth)
    expect(document.tasks.length).toBeGreaterThan(25)
    expect(new Set(document.tasks.map(({ state }) => state))).toEqual(new Set(['waiting']))
    expect(document).not.toHaveProperty('cycles')
    expect(treePaths(document)).toEqual(expectedPaths(truth, ({ calls }) => calls))
    expectSameAsTools(interpreter, target.pid, document, truth)
    await expectEndUnchanged(target)
  })

  // The interpreter's tools do not see tasks written in Python at all, and of a task that is awaited by way of a future
  // they name that future, which is no task.
  test.each(['python', 'mixed'])('tasks that wait in every way: %s', async (kind) => {
    const { target, truth, document } = await start(interpreter, 'task_waits.py', kind)
    expectTruth(document, truth)
    expect(document.tasks.length).toBeGreaterThan(25)
    expect(treePaths(document)).toEqual(expectedPaths(truth, ({ calls }) => calls))
    await expectEndUnchanged(target)
  })

  test('tasks that await each other in a ring', async () => {
    const { target, truth, document } = await start(interpreter, 'task_ring.py')
    expectTruth(document, truth)
    const names = new Map(document.tasks.map(({ id, name }) => [id, name]))
    const rings = document.cycles?.map((cycle) => cycle.map((id) => names.get(id) ?? '?'))
    expect(rings).toEqual([
      ['a', 'b'],
      ['one', 'two', 'three'],
    ])
    const { stderr } = asyncioTree(interpreter, target.pid)
    const told = [...stderr.matchAll(/^cycle: (.*)$/gm)].map(([, ring = '']) => ring.split(' → ').slice(0, -1))
    expect(told.map(fromSmallest).sort()).toEqual(rings?.map(fromSmallest).sort())
    // Drawn none the less, each task once: the tree closes where the ring does.
    expect(renderTaskTree(document, plain)).toMatch(
      /cycle: a awaits b awaits a\ncycle: one awaits two awaits three awaits one\n$/,
    )
    expect(treePaths(document)).toEqual(expectedRingPaths(truth))
    await expectEndUnchanged(target)
  })

  test('loops in several threads, and one that nobody runs any more', async () => {
    const { target, truth, document } = await start(interpreter, 'task_threads.py')
    expectTruth(document, truth)
    expect(document.threads.map(({ name }) => name)).toEqual(['MainThread', 'x', 'y', 'z'])
    expect(new Set(document.threads.map(({ id }) => id))).toEqual(
      new Set(truth.flatMap(({ thread }) => (thread === null ? [] : [thread]))),
    )
    const rows = asyncioPs(interpreter, target.pid)
    const nativeIds = new Map(document.threads.map(({ id, nativeId }) => [id, nativeId]))
    // The tool of 3.14 sees of all threads the main one only.
    const seen = document.tasks.filter(({ threadId = document.threads[0]?.id }) => {
      return !interpreter.version.startsWith('3.14') || threadId === document.threads[0]?.id
    })
    const inThreads = rows.map(({ id, nativeThreadId }) => `${id} ${nativeThreadId}`)
    expect(inThreads.sort()).toEqual(
      seen.map(({ id, threadId }) => `${id} ${nativeIds.get(threadId ?? 0) ?? 0}`).sort(),
    )
    // The kernel may not have done with the thread that ended when the program said what threads it had.
    expect((await target.finish()).exit).toBe(0)
  })

  test.each([['blocked'], ['blocked', 'eager'], ['busy']])('a task that runs: %s %s', async (...words) => {
    const { target, truth, document } = await start(interpreter, 'task_running.py', ...words)
    const stack = (await target.says('stack')) as Call[]
    const running = document.tasks.filter(({ state }) => state === 'running')
    expect(running.map(({ name }) => name).sort()).toEqual(words.includes('eager') ? ['eager', 'running'] : ['running'])
    for (const { id, coroutines, consistent } of running) {
      const [outermost = ''] = truth.find((task) => task.id === id)?.calls.at(-1) ?? []
      const expected = stack.slice(0, stack.findIndex(([name]) => name === outermost) + 1)
      const calls = coroutines.map(({ qualifiedName, file, line }) => [qualifiedName, file, line])
      // What `block` does by now, and what it has called, is another thing than when it told its stack.
      const block = calls.findIndex(([name]) => name === 'block')
      expect(calls[block]?.slice(0, 2)).toEqual(expected[0]?.slice(0, 2))
      expect(calls.slice(block + 1)).toEqual(expected.slice(1).map(([name, file, line]) => [name, file, line]))
      if (words.includes('blocked')) expect(block).toBe(0)
      expect(consistent).toBe(true)
    }
    const waiting = ({ id }: { id: number }): boolean => running.every((task) => task.id !== id)
    expectTruth({ ...document, tasks: document.tasks.filter(waiting) }, truth.filter(waiting))
    // Of a task that runs, the tools show the outermost call, and no more can its coroutine itself tell.
    expectSameAsTools(interpreter, target.pid, document, truth)
    await expectEndUnchanged(target)
  })

  test('tasks that come and go while they are read are told truly, or marked', async () => {
    const target = await startTarget(interpreter, 'task_churn.py')
    await using attached = await attach(target.pid)
    const counts = { tasks: 0, running: 0, uncertain: 0, incomplete: 0, illegal: [] as string[] }
    for (let round = 0; round < CHURN_ROUNDS; round++) {
      const { tasks, complete } = attached.tasks()
      if (!complete) counts.incomplete++
      for (const { name, coroutines, consistent, state } of tasks.filter((task) => task.name !== 'Task-1')) {
        counts.tasks++
        if (!consistent) counts.uncertain++
        if (state === 'running') counts.running++
        const calls = coroutines.map((frame) => frame.qualifiedName).toReversed()
        if (consistent && !isLegal(name, calls)) counts.illegal.push(`${name}: ${calls.join(' > ')}`)
      }
    }
    console.log(`${interpreter.name}: ${JSON.stringify(counts)}`)
    expect(counts.illegal).toEqual([])
    expect(counts.tasks).toBeGreaterThan(CHURN_ROUNDS / 10)
    expect(target.stderr).toBe('')
    await expectEndUnchanged(target)
  })
})

const CHURN_ROUNDS = 300

/**
 * Whether a task of test/programs/task_churn.py can have these calls, outermost first: `a0`, `a1`, `a2`, `a3`, or the
 * first few of them, and then those of `sleep(0)`.
 */
function isLegal(name: string, calls: readonly string[]): boolean {
  const own = calls.filter((call) => !['sleep', '__sleep0'].includes(call))
  return own.every((call, depth) => call === `${name[0]}${depth}`) && calls.slice(0, own.length).join() === own.join()
}

/** A ring as a list that begins with its smallest name. */
function fromSmallest(ring: readonly string[]): string {
  const at = ring.indexOf([...ring].sort()[0] ?? '')
  return [...ring.slice(at), ...ring.slice(0, at)].join(' > ')
}

/** Each ring begins with its first task; nothing above it. */
function expectedRingPaths(truth: readonly Truth[]): Set<string> {
  return new Set([...expectedPaths(truth, ({ calls }) => calls), ' > a'])
}
