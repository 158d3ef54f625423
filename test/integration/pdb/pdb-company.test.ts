// `remora pdb` while other clients ask the same thread: it neither stops in their requests nor interrupts them nor steps
// through them, and they get their answers. Each of them stands still between its hello and our answer for as long as
// the test needs.

import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AgentConnection } from '../../../src/inject/agent-connection.js'
import { followRun } from '../../../src/inject/follow-run.js'
import { type RequestSlot, readRequest } from '../../../src/inject/request.js'
import { chooseThread, listThreads } from '../../../src/session/activity/threads.js'
import { attach } from '../../../src/session/attach.js'
import type { PdbDocument } from '../../../src/session/documents/index.js'
import { ThreadHost } from '../../../src/session/run/thread-host.js'
import { toAskedThread } from '../../../src/session/run/to-asked-thread.js'
import { WritableTarget } from '../../../src/session/run/writable-target.js'
import { interpreters } from '../../harness/interpreters.js'
import { expectUndisturbed } from '../../harness/pdb.js'
import { startRemora } from '../../harness/remora.js'
import { startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

describe.each(interpreters)('$name', (interpreter) => {
  test('a handler that the program’s own pdb has left behind stays', async () => {
    const program = await startTarget(interpreter, 'continued.py')
    await using target = await attach(program.pid)
    await using pdb = await target.pdb()
    expect((await pdb.beginning).prompt?.state).toBe('pdb')
    await pdb.run('q')
    await expectUndisturbed(interpreter, program)
  })

  test('commands go on where another thread stops, and the document names that', async () => {
    const program = await startTarget(interpreter, 'all_threads.py')
    const ready = '!__import__("os").write(1, b"armed 1\\n")'
    const show = ['p "number", number', 'p __import__("threading").current_thread().name']
    await using target = await attach(program.pid)
    await using pdb = await target.pdb({
      allThreads: true,
      thread: 'counter',
      commands: ['b square', ready, 'c', ...show],
    })
    await program.says('armed')
    program.type('1')
    const { thread, messages } = await pdb.beginning
    expect(messages.map(({ text }) => text).join('')).toContain(`('number', 0)\n'${thread.name}'\n`)
    expect(thread.name).toMatch(/^worker-\d$/)
    await pdb.run('q')
    expect(await program.says('squares')).toEqual([0, true])
    await expectUndisturbed(interpreter, program)
  })

  test('a program that ends with a breakpoint ends in silence', async () => {
    const program = await startTarget(interpreter, 'ending.py')
    await using target = await attach(program.pid)
    await using pdb = await target.pdb({ commands: ['b work, False'] })
    await pdb.beginning
    const ending = pdb.run('c')
    const { exit } = await program.finish()
    expect([exit, program.stderr]).toEqual([0, ''])
    expect((await ending).ended).toBe('exited')
  })

  test('an interrupt of a thread in which another client is let in', async () => {
    const program = await startTarget(interpreter, 'busy_thread.py')
    await using target = await attach(program.pid)
    await using pdb = await target.pdb({ thread: 'worker' })
    await pdb.beginning
    const stop = pdb.run('continue')
    const isRunning = (): boolean =>
      target.stack().threads.some(({ name, frames }) => name === 'worker' && frames[0]?.function === 'spin')
    while (!isRunning()) await moment()
    const { connection, slot } = await letIn(program.pid, 'worker')
    pdb.interrupt()
    let stopped = false
    void stop.then(() => {
      stopped = true
    })
    // On a crowded machine the other one may have given up by then.
    while (!readRequest(slot).pending && !stopped) await moment()
    // Its way out leads through functions that it has yet to call.
    connection.close()
    expect(textOf(await stop)).toMatch(/Program interrupted.*\n> .*busy_thread\.py\(\d+\)spin\(\)\n/)
    await pdb.run('q')
    await expectUndisturbed(interpreter, program)
  })

  test('an interrupt of a command on top of which another client is let in', async () => {
    const program = await startTarget(interpreter, 'busy_thread.py')
    await using target = await attach(program.pid)
    const repl = await target.repl({ thread: 'agent' })
    const isTrue = async (expression: string): Promise<boolean> => (await repl?.run(expression))?.stdout === 'True\n'
    await using pdb = await target.pdb({ thread: 'worker' })
    await pdb.beginning
    const command = pdb.run('!import support; support.looping = True; [None for _ in iter(int, 1)]')
    while (!(await isTrue('hasattr(__import__("support"), "looping")'))) await moment()
    const { connection } = await letIn(program.pid, 'worker')
    pdb.interrupt()
    while (!(await isTrue('"remora" in map(__import__("sys").monitoring.get_tool, range(5))'))) await moment()
    expect(await run(connection, 'print(6 * 7)')).toBe('completed: 42\n')
    expect(textOf(await command)).toContain('KeyboardInterrupt')
    await pdb.run('q')
    await repl?.[Symbol.asyncDispose]()
    await expectUndisturbed(interpreter, program)
  })

  test('what others print while a command runs: each line of theirs that begins or ends meanwhile', async () => {
    const program = await startTarget(interpreter, 'busy_thread.py')
    await using target = await attach(program.pid)
    const repl = await target.repl({ thread: 'agent' })
    await using pdb = await target.pdb({ thread: 'worker' })
    await pdb.beginning
    const until = (name: string): string => `any(iter(lambda: hasattr(support, "${name}"), True))`
    const first = repl?.run(`import support; support.begun = 1; ${until('commanding')}; print("first")`)
    while (textOf(await pdb.run('p hasattr(support, "begun")')) !== 'True\n') await moment()
    const command = pdb.run(`!support.commanding = print("command"); ${until('second')}; support.ended = 1`)
    expect(await first).toMatchObject({ outcome: 'completed', stdout: 'False\nfirst\n' })
    const second = repl?.run(`support.second = 2; ${until('over')}; print("second"); support.second`)
    expect(textOf(await command)).toBe('command\n')
    expect(textOf(await pdb.run('!support.over = support.ended; support.over'))).toBe('1\n')
    expect(await second).toMatchObject({ outcome: 'completed', stdout: 'False\nsecond\n2\n' })
    await pdb.run('q')
    await repl?.[Symbol.asyncDispose]()
    await expectUndisturbed(interpreter, program)
  })

  test('a step leads into the script of another client, but not into what lets it in', async () => {
    const script = path.join(temporaryDirectory(), 'script.py')
    fs.writeFileSync(script, 'print(6 * 7)\n')
    const program = await startTarget(interpreter, 'reader.py')
    await program.untilBlockedIn('read')
    await using target = await attach(program.pid)
    await using pdb = await target.pdb({ nudge: 'safe' })
    await pdb.beginning
    const stop = pdb.run('step')
    await program.untilBlockedIn('read')
    const { result, stderrMatches } = startRemora(['exec', program.pid, script])
    await stderrMatches(/waiting for/)
    program.type('7')
    expect(textOf(await stop)).toBe(`--Call--\n> ${script}(0)<module>()\n`)
    await pdb.run('q')
    expect(await result).toMatchObject({ code: 0, stdout: '42\n' })
    expect(await program.says('total')).toBe(7)
    await expectUndisturbed(interpreter, program, 7)
  })
})

/** Another client's agent that has come, and waits. A request that comes meanwhile is found when it has heard from us. */
async function letIn(pid: number, thread: string): Promise<{ connection: AgentConnection; slot: RequestSlot }> {
  const target = new WritableTarget(pid)
  onTestFinished(() => target.dispose())
  const chosen = chooseThread(listThreads(target), thread)
  const requested = await new ThreadHost(target, chosen).request('exec', {})
  if (requested.outcome !== 'arrived') throw new Error(requested.outcome)
  return { connection: requested.connection, slot: toAskedThread(target, chosen).slot }
}

/** How a script ends, and what it prints. */
async function run(connection: AgentConnection, script: string): Promise<string> {
  const output: Buffer[] = []
  const config = { source: Buffer.from(script).toString('hex'), filename: '<string>' }
  const report = await followRun(connection, config, { onOutput: (_, bytes) => void output.push(bytes) })
  return `${typeof report === 'object' ? report.outcome : report}: ${Buffer.concat(output)}`
}

function textOf({ messages }: PdbDocument): string {
  return messages.map(({ text }) => text).join('')
}

function moment(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
