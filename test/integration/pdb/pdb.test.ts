// `remora pdb` on real programs: it stops them, steps through them, and leaves them as they were. What the program says
// of itself at its end is the measure. (Contract point 6.)

import net from 'node:net'
import { describe, expect, test } from 'vitest'
import { interpreters } from '../../harness/interpreters.js'
import { Load } from '../../harness/load.js'
import { answer, expectUndisturbed } from '../../harness/pdb.js'
import { remora } from '../../harness/remora.js'
import { keys, openScreen } from '../../harness/screen.js'
import { programPath, startTarget } from '../../harness/target.js'

describe.each(interpreters)('$name', (interpreter) => {
  test('commands on the command line run in order, and their output comes here', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const words = [
      '-c',
      'p 6 * 7',
      '-c',
      'print("printed")',
      '-c',
      '!import sys; sys.stderr.write("said\\n")',
      '-c',
      'q',
    ]
    expect(await remora(['pdb', program.pid, ...words])).toMatchObject({
      code: 0,
      stdout: '42\nprinted\nsaid\n5\n',
      complaints: '',
    })
    await expectUndisturbed(interpreter, program)
  })

  test('a program that waits in a system call is woken on request, and stopped in it', async () => {
    const program = await startTarget(interpreter, 'reader.py')
    await program.untilBlockedIn('read')
    const { stdout, code } = await remora(['pdb', program.pid, '--nudge', '-c', 'p 6 * 7', '-c', 'where', '-c', 'q'])
    expect(stdout).toMatch(/^\s*Program interrupted.*\n(?:.*\n)*42\n(?:.*\n)*-> /)
    expect(code).toBe(0)
    program.type('7')
    expect(await program.says('total')).toBe(7)
    await expectUndisturbed(interpreter, program, 7)
  })

  test('piped commands, breakpoints with conditions and commands, recursion, generators, exceptions', async () => {
    const program = await startTarget(interpreter, 'debugged.py')
    const input = [
      'tbreak work',
      'continue',
      'tbreak factorial',
      'continue',
      'break factorial, number == 1',
      'commands',
      'silent',
      'print("depth", number)',
      'continue',
      'end',
      'tbreak fail',
      'continue',
      'next',
      'where',
      'display number',
      'interact',
      'import sys',
      'for letter in "ab":',
      '  print(letter)',
      '',
      'quit()',
      'q',
    ]
    const { stdout, complaints, code } = await remora(['pdb', program.pid], { input: `${input.join('\n')}\n` })
    expect([code, complaints]).toEqual([0, ''])
    expect(stdout).toContain('ValueError: as expected')
    expect(stdout).toMatch(/depth 1\n/)
    await expectUndisturbed(interpreter, program)
  })

  test('everything that a session can change is undone: interact, up into another module, display, alias', async () => {
    const program = await startTarget(interpreter, 'debugged.py')
    const input = [
      'b factorial',
      'c',
      'up',
      'up',
      'up',
      'alias x p 1',
      'x',
      'p $_frame',
      'display total',
      'interact',
      '5',
    ]
    const { code, complaints } = await remora(['pdb', program.pid], { input: `${input.join('\n')}\n` })
    expect([code, complaints]).toEqual([0, ''])
    await expectUndisturbed(interpreter, program)
  })

  test('a session that ends within a generator leaves nothing in it for the next session to stumble over', async () => {
    const program = await startTarget(interpreter, 'rounds.py')
    for (const commands of [
      ['b gather', 'c', 'n', 'n', 'q'],
      ['b nested', 'c', 'c', 'q'],
      ['b check', 'c', 'q'],
    ]) {
      const input = ['tbreak work', 'c', ...commands, ''].join('\n')
      const { stdout, complaints, code } = await remora(['pdb', program.pid], { input })
      expect([code, complaints]).toEqual([0, ''])
      expect(stdout).toContain('Breakpoint 2')
    }
    await expectUndisturbed(interpreter, program)
  })

  test('Ctrl-C stops a program that is blocked in a system call, at once', async () => {
    const program = await startTarget(interpreter, 'server.py')
    const port = (await program.says('port')) as number
    const screen = openScreen(['pdb', program.pid])
    await screen.until(/waiting for thread/)
    net.connect(port, '127.0.0.1').end()
    await screen.until(/\(Pdb\)$/)
    screen.enter('c')
    await program.untilBlockedIn('epoll_wait', 'epoll_pwait', 'epoll_pwait2')
    screen.type(keys.ctrlC)
    await screen.until(/Program interrupted[\s\S]*selectors\.py[\s\S]*\(Pdb\)$/)
    screen.enter('where')
    await screen.until(/server\.py[\s\S]*\(Pdb\)$/)
    screen.enter('q')
    expect(await screen.exited()).toBe(0)
    await expectUndisturbed(interpreter, program)
  })

  test('a server under load answers all: after a stop, while it runs, with a breakpoint in each request', async () => {
    const program = await startTarget(interpreter, 'server.py')
    const load = new Load(Number(await program.says('port')))
    await load.more(20)
    const screen = openScreen(['pdb', program.pid], { columns: 200 })
    await screen.until(/\(Pdb\)$/)
    screen.enter('c')
    await load.more(100)
    screen.type(keys.ctrlC)
    await screen.until(/interrupted[\s\S]*\(Pdb\)$/)
    await answer(screen, `b ${programPath('server.py')}:11`)
    for (const line of ['commands', 'silent', 'c']) screen.enter(line)
    await screen.until(/\(com\) c\n\(Pdb\)$/)
    screen.enter('c')
    await load.more(100)
    screen.type(keys.ctrlC)
    await screen.until(/\n\(Pdb\) c\n[\s\S]*interrupt[\s\S]*\(Pdb\)$/i)
    await answer(screen, 'b')
    expect(screen.text).toMatch(/breakpoint already hit \d{2,} times\n\(Pdb\)$/)
    screen.enter('q')
    expect(await screen.exited()).toBe(0)
    await load.more(20)
    expect(await load.stop()).toEqual({ lost: 0, wrong: 0 })
    await expectUndisturbed(interpreter, program)
  })

  test('Ctrl-C stops a busy program, and a busy command', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const screen = openScreen(['pdb', program.pid])
    await screen.until(/\(Pdb\)$/)
    screen.enter('c')
    await screen.until(/\(Pdb\) c$/)
    screen.type(keys.ctrlC)
    await screen.until(/nterrupt[\s\S]*\(Pdb\)$/)
    screen.enter('!print("looping") or [None for _ in iter(int, 1)]')
    await screen.until(/\nlooping$/)
    screen.type(keys.ctrlC)
    await screen.until(/KeyboardInterrupt[\s\S]*\(Pdb\)$/)
    screen.type(keys.ctrlC)
    await screen.until(/--KeyboardInterrupt--\n\(Pdb\)$/)
    screen.type(keys.ctrlD)
    expect(await screen.exited()).toBe(0)
    await expectUndisturbed(interpreter, program)
  })

  test('a thread by its name: stopped, interrupted while it runs and while a command runs', async () => {
    const program = await startTarget(interpreter, 'busy_thread.py')
    const screen = openScreen(['pdb', program.pid, '--thread', 'worker'])
    await screen.until(/busy_thread\.py[\s\S]*\(Pdb\)$/)
    screen.enter('p __import__("threading").current_thread().name')
    await screen.until(/'worker'\n\(Pdb\)$/)
    screen.enter('c')
    await screen.until(/\(Pdb\) c$/)
    screen.type(keys.ctrlC)
    await screen.until(/nterrupt[\s\S]*\(Pdb\)$/)
    screen.enter('!print("looping") or [None for _ in iter(int, 1)]')
    await screen.until(/\nlooping$/)
    screen.type(keys.ctrlC)
    await screen.until(/KeyboardInterrupt[\s\S]*\(Pdb\)$/)
    // The interrupt finds the command within a message of ours, which has to be sent before it is interrupted.
    screen.enter('!hold(sys.stdout.run.session.channel.lock) or print("sent") or [None for _ in iter(int, 1)]')
    await program.says('held')
    screen.type(keys.ctrlC)
    await screen.until(/\nsent\s*\*\*\* KeyboardInterrupt\n\(Pdb\)$/)
    screen.enter('q')
    expect(await screen.exited()).toBe(0)
    await expectUndisturbed(interpreter, program)
  })

  test('breakpoints in all threads: each says which it is, the others go on, and q frees them all', async () => {
    const program = await startTarget(interpreter, 'all_threads.py')
    const screen = openScreen(['pdb', program.pid, '--all-threads', '--thread', 'counter'])
    await screen.until(/\[thread \d+ \(counter\)\][\s\S]*\(Pdb\)$/)
    await answer(screen, 'b square, number > 0')
    screen.enter('c')
    program.type('4')
    await screen.until(/\[thread \d+ \(worker-\d\)\]\n> .*square\(\)\n.*\n\(Pdb\)$/)
    await answer(screen, 'p number > 0, __import__("threading").current_thread().name')
    expect(screen.text).toMatch(/\(True, 'worker-\d'\)/)
    await answer(screen, 'n')
    // The counting thread is not held up by it.
    await answer(screen, 'a1 = __import__("__main__").count')
    await answer(screen, '__import__("time").sleep(0.1)')
    await answer(screen, 'p __import__("__main__").count > a1')
    expect(screen.text).toMatch(/\nTrue\n\(Pdb\)$/)
    screen.enter('q')
    expect(await screen.exited()).toBe(0)
    expect(await program.says('squares')).toEqual([14, true])
    await expectUndisturbed(interpreter, program)
  })

  test('a target that exits while it is stopped, and one that ends while it runs', async () => {
    const stopped = await startTarget(interpreter, 'busy.py')
    const screen = openScreen(['pdb', stopped.pid])
    await screen.until(/\(Pdb\)$/)
    stopped.signal('SIGKILL')
    await screen.until(/process \d+ has ended/)
    expect(await screen.exited()).toBe(4)
    const ending = await startTarget(interpreter, 'debugged.py')
    const second = openScreen(['pdb', ending.pid])
    await second.until(/\(Pdb\)$/)
    second.enter('c')
    await ending.finish()
    expect(await second.exited()).toBe(4)
    expect(ending.stderr).toBe('')
  })

  test('a session that is lost before it begins is not taken for the end of the program', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const code =
      'import os, sys; sys.addaudithook(lambda e, a: e == "import" and a[0] == "pdb" and os.closerange(3, 99))'
    expect((await remora(['exec', program.pid, '-c', code])).code).toBe(0)
    const { code: exit, stderr } = await remora(['pdb', program.pid, '-c', 'q'])
    expect([exit, stderr]).toEqual([4, expect.stringContaining('closed its connection; it may still be running')])
    expect((await program.finish()).exit).toBe(0)
  })

  test('a disk that is full ends the session, and the program goes on', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const launcher = ['sh', '-c', 'exec "$0" "$@" > /dev/full']
    const { code, complaints } = await remora(['pdb', program.pid, '-c', 'p 1'], { launcher, input: 'p 2\n' })
    expect([code, complaints]).toEqual([2, expect.stringMatching(/^remora: the output cannot be written: ENOSPC/)])
    await expectUndisturbed(interpreter, program)
  })

  test('a child that is forked meanwhile is clean, traced or not', async () => {
    const clean = [['None', 'None', 'None'], expect.stringContaining('SIG_DFL'), [], true]
    // The listener is a thread, and a program that forks with more than one is warned by its interpreter.
    const program = await startTarget(interpreter, 'forking_debugged.py', { options: ['-W', 'ignore'] })
    for (const commands of [['c'], ['up', 'b fork', 'c', 'n', 'n', 'c']]) {
      await program.untilBlockedIn('read')
      const screen = openScreen(['pdb', program.pid])
      await screen.until(/waiting for thread/)
      program.type('')
      await screen.until(/\(Pdb\)$/)
      for (const command of commands.slice(0, -1)) await answer(screen, command)
      screen.enter('c')
      expect(await program.says('child')).toEqual(clean)
      await program.untilBlockedIn('read')
      screen.type(keys.ctrlC)
      await screen.until(/interrupted[\s\S]*\(Pdb\)$/)
      screen.enter('q')
      expect(await screen.exited()).toBe(0)
    }
    await expectUndisturbed(interpreter, program)
  })

  test('a pdb of the program’s own is reported, and not disturbed', async () => {
    const program = await startTarget(interpreter, 'own_pdb.py')
    program.type('p 1')
    await program.untilBlockedIn('read')
    const { code, stdout, stderr } = await remora(['pdb', program.pid, '--thread', 'other'])
    expect([code, stdout]).toEqual([4, ''])
    expect(stderr).toContain('the target is being debugged: a pdb of the program’s own'.replace('’', "'"))
    program.type('c')
    expect(await program.says('over')).toBe(true)
    // A session that is over is nobody's.
    expect(await remora(['pdb', program.pid, '-c', 'q'])).toMatchObject({ code: 0, complaints: '' })
  })
})
