// `remora pdb --listen`: the session as plain lines, for whoever has the token.

import fs from 'node:fs'
import net from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { interpreters } from '../../harness/interpreters.js'
import { expectUndisturbed } from '../../harness/pdb.js'
import { type RunningCli, remora, startRemora } from '../../harness/remora.js'
import { shellWords } from '../../harness/shell.js'
import { startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

class Client {
  readonly #socket: net.Socket
  #text = ''
  #ended = false
  #look: () => void = () => {}

  constructor(address: net.NetConnectOpts) {
    this.#socket = net.connect(address)
    this.#socket.setEncoding('utf8').on('data', (text: Buffer) => {
      this.#text += String(text)
      this.#look()
    })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.#ended = true
      this.#look()
    })
    onTestFinished(() => this.leave())
  }

  send(text: string | Buffer): void {
    this.#socket.write(text)
  }

  leave(): void {
    this.#socket.destroy()
  }

  /** Waits for what is said since the last time, up to what matches. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text) && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#look = resolve
      })
    }
    const text = this.#text
    this.#text = ''
    expect(text).toMatch(pattern)
    return text
  }

  async ended(): Promise<string> {
    while (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#look = resolve
      })
    }
    return this.#text
  }
}

/** Starts a server and returns where it listens and the token. */
async function serve(words: readonly (string | number)[]): Promise<RunningCli & { where: string; token: string }> {
  const cli = startRemora(words)
  let text = ''
  cli.child.stderr?.on('data', (piece: Buffer) => {
    text += piece
  })
  await cli.stderrMatches(/waiting for a client: nc .*\n/)
  const [, where = '', token = ''] = /nc (.*?)(?:; the first line is the token (\w+))?\n/.exec(text) ?? []
  return { ...cli, where, token }
}

function tcp(where: string): net.NetConnectOpts {
  const [host = '', port] = where.split(' ')
  return { host, port: Number(port) }
}

describe.each(interpreters.filter(({ debug }) => !debug))('$name', (interpreter) => {
  test('the token opens a session; a block, Ctrl-C of telnet, and q', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const { where, token, result } = await serve(['pdb', program.pid, '--listen', '127.0.0.1:0'])
    for (const wrong of ['', 'wrong', `${token}0`]) {
      const stranger = new Client(tcp(where))
      stranger.send(`${wrong}\r\n`)
      expect(await stranger.ended()).toBe('remora: wrong token\n')
    }
    const client = new Client(tcp(where))
    client.send(`${token}\r\np 6 * 7\r\n`)
    await client.until(/busy\.py[\s\S]*\(Pdb\) 42\n\(Pdb\) $/)
    client.send('for letter in "ab":\r\n  print(letter)\r\n\r\n')
    await client.until(/a\nb\n\(Pdb\) $/)
    client.send('!print("looping") or [None for _ in iter(int, 1)]\n')
    await client.until(/looping\n$/)
    client.send(Buffer.from([255, 244, 255, 253, 6]))
    await client.until(/KeyboardInterrupt[\s\S]*\(Pdb\) $/)
    // What comes in one piece is heard in its order, too.
    client.send('!while True: pass\n\x03')
    await client.until(/KeyboardInterrupt[\s\S]*\(Pdb\) $/)
    client.send('c\n\x03')
    await client.until(/nterrupt[\s\S]*\(Pdb\) $/)
    client.send('q\n')
    await client.ended()
    expect((await result).code).toBe(0)
    await expectUndisturbed(interpreter, program)
  })

  test('a client that goes lets the program go', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const { where, result } = await serve(['pdb', program.pid, '--listen', ':0', '--no-token'])
    const client = new Client(tcp(where))
    await client.until(/\(Pdb\) $/)
    client.send('b spin\nc\n')
    await client.until(/Breakpoint 1[\s\S]*\(Pdb\) $/)
    client.leave()
    expect((await result).code).toBe(0)
    await expectUndisturbed(interpreter, program)
  })

  test('a Unix socket is its owner’s alone, and gone afterwards', async () => {
    const program = await startTarget(interpreter, 'busy.py')
    const path = `${temporaryDirectory()}/a pdb`
    const { where, token, result } = await serve(['pdb', program.pid, '--listen-unix', path])
    expect(shellWords(where)).toEqual(['-U', path])
    expect(fs.statSync(path).mode & 0o777).toBe(0o600)
    const client = new Client({ path })
    client.send(`${token}\nq\n`)
    await client.ended()
    expect((await result).code).toBe(0)
    expect(fs.existsSync(path)).toBe(false)
    await expectUndisturbed(interpreter, program)
  })
})

test('without a token only on the loopback', async () => {
  const { code, stderr } = await remora(['pdb', 1, '--listen', '0.0.0.0:0', '--no-token'])
  expect([code, stderr.split('\n')[0]]).toEqual([
    2,
    'remora: --no-token is for the loopback only, which 0.0.0.0 is not',
  ])
})

test('a place that is taken', async () => {
  const path = `${temporaryDirectory()}/taken`
  fs.writeFileSync(path, '')
  const { code, stderr } = await remora(['pdb', 1, '--listen-unix', path])
  expect([code, stderr.split('\n')[0]]).toEqual([2, `remora: cannot listen on ${path}: EADDRINUSE`])
})
