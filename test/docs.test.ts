// The documents are true: every error has its paragraph, and every command line in them runs as it stands on a real
// target, with the PID, the port and the word that they use put in place.

import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { summaries } from '../src/cli/summaries.js'
import { errorCodes } from '../src/errors/codes.js'
import { checkoutFolder as root } from './harness/checkout.js'
import { anyInterpreter } from './harness/interpreters.js'
import { cliPath, remora } from './harness/remora.js'
import { shellWords } from './harness/shell.js'
import { temporaryDirectory } from './harness/temporary.js'

const read = (name: string): string => fs.readFileSync(`${root}/${name}`, 'utf8')
const documents = ['README.md', ...fs.readdirSync(`${root}/docs`).map((name) => `docs/${name}`)]

test('every error code has a hint, an exit code and a paragraph', () => {
  const anchors = [...read('docs/errors.md').matchAll(/^### (\w+)$/gm)].map(([, code]) => code)
  expect(anchors.toSorted()).toEqual(Object.keys(errorCodes).toSorted())
  for (const [code, { exitCode, hint }] of Object.entries(errorCodes)) {
    expect([1, 2, 3, 4, 5, 70], code).toContain(exitCode)
    expect(typeof hint === 'string' ? hint : (hint as (d: object) => string)({}), code).not.toBe('')
  }
})

test('the README has at most 200 lines', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(200)
})

test('links lead somewhere', () => {
  for (const name of documents) {
    for (const [, link = ''] of read(name).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(fs.existsSync(path.join(root, path.dirname(name), link)), `${name}: ${link}`).toBe(true)
    }
  }
})

describe('command lines', () => {
  const verbs = Object.keys(summaries)
  const helps = verbs.map((verb) => execFileSync(process.execPath, [cliPath, verb, '--help'], { encoding: 'utf8' }))
  const inDocuments = documents.flatMap((name) =>
    [...read(name).matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block),
  )
  const inHelps = helps.map((help) => help.slice(help.search(/^Examples?:$/m)))
  const lines = [...inDocuments, ...inHelps].flatMap((block) => (block ?? '').split('\n').map((line) => line.trim()))
  const commands = [...new Set(lines.filter((line) => line.startsWith('remora ')))]

  test.each(commands)('%s', { timeout: 60_000 }, async (line) => {
    const { pid, port } = await startShop()
    const words = shellWords(line)
    const folder = temporaryDirectory()
    if (words.includes('convert')) await recordTwice(pid, folder)
    const [, ...rest] = words.map((word) => {
      if (/^(?:old|new)\./.test(word)) return `${folder}/${word}`
      if (word === '1234') return String(pid)
      if (word === ':8000') return `:${port}`
      return word === 'script.py' ? 'examples/print_stack.py' : word
    })
    const { code, stderr } = await remora(rest, { cwd: root })
    expect([code, stderr]).toEqual([0, ''])
  })
})

/** Two recordings of a process, as the documents name them. */
async function recordTwice(pid: number, folder: string): Promise<void> {
  for (const name of ['old', 'new']) {
    await remora(['record', String(pid), '--duration', '0.2', '-o', `${folder}/${name}.remora`])
  }
}

/**
 * A program whose command line has the word that the documents use, and that listens on a port. Its first task always
 * sleeps, one frame below its own, while another one keeps the loop going.
 */
async function startShop(): Promise<{ pid: number; port: number }> {
  const program = [
    'import asyncio, types',
    'app = types.SimpleNamespace(config={"DEBUG": True}, Job=type("Job", (), {}))',
    'async def tick():',
    '    while True: await asyncio.sleep(0.001)',
    'async def main():',
    '    time = total = 0',
    '    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)',
    '    ticking = asyncio.create_task(tick())',
    '    print(server.sockets[0].getsockname()[1], flush=True)',
    '    await asyncio.sleep(10_000)',
    'asyncio.run(main())',
  ].join('\n')
  const child = spawn(anyInterpreter.path, ['-c', program, 'shop'], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
  })
  const port = Number(await new Promise((resolve) => child.stdout.once('data', resolve)))
  return { pid: child.pid as number, port }
}
