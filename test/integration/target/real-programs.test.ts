// Servers and workers as people run them: gunicorn with Flask, uvicorn with FastAPI, Celery. They need packages, which
// most machines do not have for these interpreters: REMORA_PACKAGES=/opt/packages-{version} names where they lie, with
// {version} (3.14) or {minor} (14) in it. What cannot be imported is skipped, and said to be.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { InspectDocument, StackDocument, TasksDocument } from '../../../src/session/documents/index.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { remora } from '../../harness/remora.js'
import { temporaryDirectory } from '../../harness/temporary.js'

const programs = path.join(import.meta.dirname, '../../programs/real')
const PATIENCE_MS = 60_000
/** Looks at a program while it serves. */
const LOOKS = 20

const released = interpreters.filter(({ name }) => !name.endsWith('d'))

describe.each(released)('$name', (interpreter) => {
  const has = (...modules: string[]): boolean => {
    const { stderr, status } = spawnSync(interpreter.path, ['-c', `import ${modules.join(', ')}`], {
      env: environmentOf(interpreter),
      encoding: 'utf8',
    })
    if (status === 0) return true
    const reason = stderr.trim().split('\n').at(-1)
    console.warn(`SKIPPED on ${interpreter.name}: ${modules.join(' with ')}: ${reason}; see REMORA_PACKAGES`)
    return false
  }

  test.runIf(has('gunicorn', 'flask'))(
    'gunicorn with Flask: a request that waits, while others are answered',
    async () => {
      const socket = path.join(temporaryDirectory(), 'socket')
      const words = ['-m', 'gunicorn', '--workers', '2', '--threads', '2', '--bind', `unix:${socket}`, 'flask_app:app']
      const master = start(interpreter, words)
      await until(() => get(socket, '/fine').then(({ code }) => code === 200))
      void get(socket, '/hold/7')
      const worker = await findHolding(master.pid!, '--children')
      const thread = (await stacksOf(worker))[0]?.threads.find(({ frames }) => frames.some(isHold))
      const index = thread?.frames.findIndex(isHold)
      expect(await inspect(worker, `@${thread?.nativeId}:${index}`, 'order')).toBe("{'id': 7, 'items': ['tea']}")
      expect(await inspect(worker, 'flask_app.app.config', "['SECRET_KEY']")).toBe('<masked>')
      expect(await serveWhile(socket, () => remora(['stack', master.pid!, '--children']))).toEqual([])
    },
  )

  test.runIf(has('uvicorn', 'fastapi'))(
    'uvicorn with FastAPI: a request that waits, while others are answered',
    async () => {
      const socket = path.join(temporaryDirectory(), 'socket')
      const server = start(interpreter, ['-m', 'uvicorn', '--uds', socket, '--log-level', 'warning', 'fastapi_app:app'])
      await until(() => get(socket, '/fine').then(({ code }) => code === 200))
      void get(socket, '/hold/7')
      const task = await until(async () => {
        const { stdout } = await remora(['tasks', server.pid!, '--json'])
        return (JSON.parse(stdout) as TasksDocument).tasks.find(({ coroutines }) => coroutines.some(isHold))
      })
      expect(task.coroutines[0]?.qualifiedName).toBe('Event.wait')
      expect(await inspect(server.pid!, `@task:0x${task.id.toString(16)}`, 'order')).toBe("{'id': 7, 'items': ['tea']}")
      expect(await serveWhile(socket, () => remora(['tasks', server.pid!, '--tree']))).toEqual([])
      expect(await serveWhile(socket, () => remora(['stack', server.pid!]))).toEqual([])
    },
  )

  test.runIf(has('celery'))('a Celery worker: a job that waits in a process of its pool', async () => {
    const folder = temporaryDirectory()
    const environment = { STORE_FOLDER: folder }
    const words = ['-m', 'celery', '-A', 'celery_app', 'worker', '--concurrency', '2', '--loglevel', 'WARNING']
    const master = start(interpreter, words, environment)
    const sender = start(interpreter, ['-c', 'import celery_app; celery_app.hold.delay(7)'], environment)
    expect((await once(sender, 'exit'))[0]).toBe(0)
    const worker = await findHolding(master.pid!, '--children')
    expect(worker).not.toBe(master.pid)
    const [{ threads } = { threads: [] }] = await stacksOf(worker)
    const index = threads[0]?.frames.findIndex(isHold)
    expect(await inspect(worker, `@main:${index}`, 'order')).toBe("{'id': 7, 'items': ['tea']}")
    expect(await inspect(worker, `@main:${index}`, 'order_id')).toBe('7')
  })
})

if (released.length === 0) console.warn('SKIPPED: there is no release build of CPython here')

function environmentOf({ path: python }: Interpreter): NodeJS.ProcessEnv {
  const version = /(\d+)\.(\d+)[^/]*$/.exec(python)
  const packages = (process.env.REMORA_PACKAGES ?? '')
    .replaceAll('{version}', `${version?.[1]}.${version?.[2]}`)
    .replaceAll('{minor}', version?.[2] ?? '')
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONPATH: `${packages}:${programs}`,
  }
}

function start(interpreter: Interpreter, words: readonly string[], more: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(interpreter.path, words, {
    cwd: programs,
    env: { ...environmentOf(interpreter), ...more, C_FORCE_ROOT: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, so that the workers end with it.
    detached: true,
  })
  let said = ''
  child.stderr?.on('data', (piece: Buffer) => {
    said += piece
  })
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail') console.error(said)
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL')
  })
  return child
}

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const found = await look()
    if (found) return found
    if (performance.now() > end) throw new Error('what the test waits for did not come')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function get(socketPath: string, url: string): Promise<{ code: number | undefined }> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: url, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve({ code: response.statusCode }))
    })
    request.on('error', () => resolve({ code: undefined }))
  })
}

/** Asks again and again while `look` looks at the program; the answers that were not right. */
async function serveWhile(socket: string, look: () => ReturnType<typeof remora>): Promise<unknown[]> {
  const wrong: unknown[] = []
  for (let round = 0; round < LOOKS; round++) {
    const [{ code, stderr }, answer] = await Promise.all([look(), get(socket, '/fine')])
    if (answer.code !== 200) wrong.push(answer)
    if (code !== 0 || stderr !== '') wrong.push({ code, stderr })
  }
  return wrong
}

function isHold(frame: { readonly function: string; readonly file: string }): boolean {
  return frame.function === 'hold' && frame.file.startsWith(fs.realpathSync(programs))
}

async function stacksOf(pid: number, ...options: string[]): Promise<StackDocument[]> {
  const { stdout } = await remora(['stack', pid, '--json', ...options])
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as StackDocument)
}

async function findHolding(pid: number, ...options: string[]): Promise<number> {
  return until(async () => {
    const documents = await stacksOf(pid, ...options)
    return documents.find(({ threads }) => threads.some(({ frames }) => frames.some(isHold)))?.target.pid
  })
}

async function inspect(pid: number, root: string, step: string): Promise<string> {
  const { stdout, stderr } = await remora([
    'inspect',
    pid,
    step.startsWith('[') ? root + step : `${root}.${step}`,
    '--json',
  ])
  if (stdout === '') throw new Error(stderr)
  return (JSON.parse(stdout) as InspectDocument).value.text
}
