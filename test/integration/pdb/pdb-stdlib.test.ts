// `remora pdb` held against the standard library: the same scripts through `python -m pdb -p` give the same text; the
// library's client runs on our session, and our client on the library's server. What differs stands in docs/pdb.md.

import { spawn } from 'node:child_process'
import net from 'node:net'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type PdbFrontEnd, type Reply, serveFrontEnd, type Transport } from '../../../src/pdb/serve-front-end.js'
import { openPdb } from '../../../src/session/run/open-pdb.js'
import { WritableTarget } from '../../../src/session/run/writable-target.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { expectUndisturbed } from '../../harness/pdb.js'
import { remora } from '../../harness/remora.js'
import { startTarget } from '../../harness/target.js'

const releases = interpreters.filter(({ debug }) => !debug)

/** REMORA_ROUNDS=42 for all scripts on all interpreters: the library takes most of a second for each. */
const rounds = Number(process.env.REMORA_ROUNDS ?? 6)

/** Each begins where the program works, after `break work` and `continue`. */
const scripts: readonly string[] = [
  'where',
  'w\nu\nu\nd\nd\nu 9\nd 9',
  'list\nlist\nlist .\nlist 30,40\nl 5\nlist check\nlist 5000',
  'longlist\nll\nup\nll',
  'args\np items\npp items\np len(items)\np undefined\np 1/0\npp {"a": 1}',
  'next\nn\nn\np total, names',
  'step\ns\ns\ns\ns\nwhere',
  'break check\nc\nargs\nreturn\nretval',
  'break check, limit > 40\nc\nnext\nnext\nnext\nwhere\np $_exception\nexceptions',
  'b\nb nested\nb\ndisable 2\nb\nenable 2\nb\nclear 2\nb',
  'tbreak nested\nc\nwhere\nc\nb',
  'b nested\nignore 2 2\nc\nargs\nb',
  'b nested\ncondition 2 depth == 1\nc\nargs\ncondition 2\nb\nc\nargs',
  'b nested\ncommands 2\np depth\nwhere\nend\nc\nc',
  'b nested\ncommands\nsilent\np depth * 10\nc\nend\nc\nc',
  'until\nuntil 40\np total\nuntil 10',
  '!import warnings; warnings.simplefilter("ignore")\nn\nn\njump 36\nwhere\nn\njump 1\njump x',
  'display total\nn\nn\nn\nn\ndisplay\nundisplay total\nn',
  'display undefined_name\ndisplay total; 1\nn',
  'x = 5\nx\n!x += 1\nx\np x',
  'total = 7\nn\np locals()["names"]',
  'import math; math.pi\nmath.floor(2.5)',
  'for number in range(3):\n    number\n\np 1',
  'def double(number):\n  return number * 2\n\ndouble(21)',
  'if True:\n  5\nelse:\n  6\n\np 2',
  '1 +\n2 +* 3\n)\nfor\np 3',
  'interact\ntotal\ny = 3\ny * 2\nfor i in range(2):\n  i\n\n1/0\nq = 8\nexit()\np 4',
  'alias pi p %1.name\npi items[0]\nalias\nalias pi\nunalias pi\npi items[0]',
  'alias two p 2;; p 3\ntwo\nunalias two\nalias bad p %1\nbad\nbad 1 2',
  'p 1;; p 2;; n\nw',
  '$answer = 42\np $answer\n$answer\np $missing\np $_frame.f_lineno',
  'whatis items\nwhatis work\nwhatis items[0]\nwhatis nothing\nsource nested\nsource items\nsource nothing',
  'help\nh where\nhelp break\nhelp exec\nhelp nothing\nh h',
  'help commands\nhelp interact\nhelp $\n? p\nhelp pp',
  'run\nrestart\ndebug nested(1)\ns\nn\nn\nn\nc\np 5',
  'debug 1/0\nc\np 6',
  'b 99999\nb nofile:3\nb nothing_there\nb items[0].name\ntbreak\nclear 7\nclear x\ncondition 9 1\nignore x',
  '\n\nn\n\n\np total',
  'tbreak gather\nc\nn\nn\nwhere\nn\nc\nc',
  'b nested\nc\nc\nc\nc\nwhere\nup 2\np depth\nreturn\nreturn\nreturn',
  'n extra\nc extra\nstep extra\nargs extra\nquit extra nonsense',
  'q',
]

describe.each(releases)('$name', (interpreter) => {
  const step = Math.max(1, Math.floor(scripts.length / rounds))
  const chosen = scripts.filter((_, index) => index % step === releases.indexOf(interpreter) % step)
  test(`${chosen.length} of ${scripts.length} scripts give the same text`, { timeout: 240_000 }, async () => {
    const ours = await startTarget(interpreter, 'rounds.py')
    for (const script of chosen) {
      // A program of its own each time: the library leaves breakpoints, and trace functions in suspended generators.
      const theirs = await startTarget(interpreter, 'rounds.py')
      const input = `break work\ncontinue\n${script}\nq\n`
      const [result, expected] = await Promise.all([
        remora(['pdb', ours.pid], { input }),
        libraryPdb(interpreter, theirs.pid, input),
      ])
      await theirs.kill()
      expect(result.complaints, script).toBe('')
      expect(withoutFirstStop(result.stdout), script).toBe(withoutFirstStop(expected))
    }
    await expectUndisturbed(interpreter, ours)
  })

  test('the library’s client on our session', async () => {
    const program = await startTarget(interpreter, 'rounds.py')
    // By then it has said all that it says, and is where its functions are known by name.
    await program.untilBlockedIn('pselect6')
    const target = new WritableTarget(program.pid)
    onTestFinished(() => target.dispose())
    const session = await openPdb(target)
    if (session.outcome !== undefined) throw new Error(session.outcome)
    const { port, close } = await listen(async (socket) => {
      createInterface({ input: socket }).on('line', (line) => session.send(line))
      for (let line = await session.receive(); line !== undefined; line = await session.receive()) {
        socket.write(`${line}\n`)
      }
      socket.end()
    })
    const client = [
      'import pdb, socket, sys',
      'with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:',
      '    pdb._PdbClient(0, connection, None).cmdloop()',
    ]
    const input = 'b work\nc\nfor i in "ab":\n  i\n\np len(items)\nhelp where\ninteract\n1 + 1\nexit()\nq\n'
    const output = await run(interpreter, ['-c', client.join('\n'), String(port)], input)
    close()
    expect(output).toContain('-> total = 0')
    expect(output).toContain("'a'\n'b'\n")
    expect(output).toContain('(Pdb) 3\n')
    expect(output).toContain('Usage: w(here)')
    expect(output).toContain('>>> 2\n')
    await expectUndisturbed(interpreter, program)
  })

  test('our client on the library’s server', async () => {
    const seen: string[] = []
    let commands: (word: string) => boolean = () => false
    let completions: readonly string[] = []
    const replies: Reply[] = [{ reply: 'p value' }, { signal: 'INT' }, { reply: 'help next' }, { reply: 'q' }]
    const frontEnd: PdbFrontEnd = {
      showMessage: (text, type) => void seen.push(`${type}: ${text}`),
      showHelp: (topic) => void seen.push(`help: ${topic}`),
      readReply: async (open) => {
        commands = open.isCommand
        if (completions.length === 0) {
          completions = await open.complete({ text: 'val', line: 'p val', begidx: 2, endidx: 5 })
        }
        return replies.shift() ?? { signal: 'EOF' }
      },
    }
    const ended: Promise<void>[] = []
    const { port, close } = await listen((socket) => void ended.push(serveFrontEnd(socketTransport(socket), frontEnd)))
    const server = [
      'import pdb, sys',
      'value = 42',
      'pdb._connect(host="127.0.0.1", port=int(sys.argv[1]), frame=sys._getframe(), commands="",',
      '    version=pdb._PdbServer.protocol_version(), signal_raising_thread=False, colorize=False)',
      'value = 43',
    ]
    await run(interpreter, ['-c', server.join('\n'), String(port)], '')
    await Promise.all(ended)
    close()
    expect(completions).toEqual(['value'])
    expect([commands('where'), commands('value')]).toEqual([true, false])
    expect(seen).toContain('info: 42\n')
    expect(seen).toContain('info: --KeyboardInterrupt--\n')
    expect(seen).toContain('help: next')
    expect(replies).toEqual([])
  })
})

/** The program is found at one of several places. */
function withoutFirstStop(text: string): string {
  expect(text).toContain('(Pdb) ')
  return text.slice(text.indexOf('(Pdb) '))
}

/** What `python -m pdb -p` prints. */
function libraryPdb(interpreter: Interpreter, pid: number, input: string): Promise<string> {
  return run(interpreter, ['-m', 'pdb', '-p', String(pid)], input)
}

function run(interpreter: Interpreter, words: readonly string[], input: string): Promise<string> {
  const child = spawn(interpreter.path, words, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, HOME: '/nonexistent', NO_COLOR: '1' },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', () => resolve(output)))
}

async function listen(serve: (socket: net.Socket) => void): Promise<{ port: number; close: () => void }> {
  const server = net.createServer((socket) => serve(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port, close: () => server.close() }
}

function socketTransport(socket: net.Socket): Transport {
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  return {
    send: (line) => void socket.write(`${line}\n`),
    receive: async () => (await lines.next()).value ?? undefined,
  }
}
