// The package as a stranger gets it: packed, unpacked elsewhere, imported, and its command run. And the documents that
// commands print, held against the JSON Schemas that it brings.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'
import { Ajv } from 'ajv'
import { beforeAll, describe, expect, test } from 'vitest'
import { anyInterpreter } from '../../harness/interpreters.js'
import { remora } from '../../harness/remora.js'
import { startTarget } from '../../harness/target.js'
import { temporaryDirectory } from '../../harness/temporary.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

test('the packed library is imported by its name, attaches and runs a script', async () => {
  const program = await startTarget(anyInterpreter, 'busy.py', { arguments: ['注文'] })
  const home = temporaryDirectory()
  const packed = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', home], {
    cwd: root,
    encoding: 'utf8',
  })
  const folder = path.join(home, 'node_modules', 'remora')
  fs.mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-xzf', path.join(home, packed.trim()), '--strip-components=1', '-C', folder])
  fs.writeFileSync(
    path.join(home, 'use.mjs'),
    `import { attach } from 'remora'
     const target = await attach(${program.pid})
     const { stdout } = await target.exec('print(6 * 7)')
     const { threads } = target.stack()
     process.stdout.write(stdout + threads[0].name)
     await target[Symbol.asyncDispose]()`,
  )
  expect(execFileSync(process.execPath, ['use.mjs'], { cwd: home, encoding: 'utf8' })).toBe('42\nMainThread')
  const bin = path.join(folder, 'dist', 'cli', 'main.cjs')
  const { version } = JSON.parse(fs.readFileSync(`${root}/package.json`, 'utf8'))
  expect(execFileSync(bin, ['--version'], { encoding: 'utf8' })).toBe(`remora ${version}\n`)
  // The table that measures such names is a file of its own.
  expect(execFileSync(bin, ['ps', String(program.pid)], { encoding: 'utf8' })).toContain('busy.py 注文\n')
  const names = execFileSync('tar', ['-tzf', path.join(home, packed.trim())], { encoding: 'utf8' })
  expect(names).not.toMatch(/\/(src|test|\.pythons|node_modules)\/|\.cache$/m)
})

test('the code caches of the build are not rejected', () => {
  const folder = path.join(root, 'dist', 'cli', 'commands')
  for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.cjs'))) {
    const cachedData = fs.readFileSync(path.join(folder, `${name}.cache`))
    const source = fs.readFileSync(path.join(folder, name), 'utf8')
    expect(new vm.Script(source, { cachedData }).cachedDataRejected, name).toBe(false)
  }
})

describe('documents are as their schemas say', () => {
  let pid = 0
  beforeAll(async () => {
    const { spawn } = await import('node:child_process')
    const child = spawn(anyInterpreter.path, ['-c', 'print(1, flush=True)\nwhile True: pass'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    pid = child.pid as number
    return () => void child.kill('SIGKILL')
  })

  test.each([
    ['ps', () => ['ps']],
    ['doctor', () => ['doctor']],
    ['doctor', () => ['doctor', pid]],
    ['exec', () => ['exec', pid, '-c', '1/0']],
    ['exec', () => ['exec', pid, '-c', 'print(1)']],
    ['eval', () => ['eval', pid, '[1]']],
    ['eval', () => ['eval', pid, '1/0']],
    ['repl', () => ['repl', pid]],
    ['pdb', () => ['pdb', pid, '-c', 'q']],
    ['stack', () => ['stack', pid]],
    ['record', () => ['record', pid, '-d', 0.2]],
    ['error', () => ['exec', 4194300, '-c', '1']],
    ['error', () => ['exec', pid, '--thread', 'nobody', '-c', '1']],
  ])('%s', async (name, words) => {
    const { stdout } = await remora([...words(), '--json'], { input: '1 + 1' })
    const document = JSON.parse(stdout)
    expect(document.schema).toBe(`remora.${name}/1`)
    const validate = new Ajv({ allErrors: true }).compile(
      JSON.parse(fs.readFileSync(`${root}/dist/schemas/${name}.json`, 'utf8')),
    )
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
  })
})
