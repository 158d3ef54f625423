// The suite passes wherever it is cloned: here two files of it run in a folder whose path has spaces, a letter that is not
// ASCII, and our own name. They look for paths in what is printed, and for our name in what must not have it.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { checkoutFolder } from './harness/checkout.js'
import { anyInterpreter } from './harness/interpreters.js'
import { temporaryDirectory } from './harness/temporary.js'

const FILES = ['test/integration/target/ps-doctor.test.ts', 'test/integration/run/eval.test.ts']
const COPIED = ['dist', 'scripts', 'src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts']

test(`in a folder “my é folder/remora”: ${FILES.join(' and ')}`, { timeout: 180_000 }, () => {
  const clone = path.join(temporaryDirectory(), 'my é folder', 'remora')
  for (const name of COPIED) fs.cpSync(path.join(checkoutFolder, name), path.join(clone, name), { recursive: true })
  fs.symlinkSync(path.join(checkoutFolder, 'node_modules'), path.join(clone, 'node_modules'))
  const python = path.join(clone, anyInterpreter.name)
  fs.symlinkSync(anyInterpreter.path, python)

  const report = path.join(clone, 'report.json')
  const words = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile=${report}`, ...FILES]
  // Without the variables by which a process knows that it is one of Vitest's.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, REMORA_PYTHONS: python }
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: clone, encoding: 'utf8', env })
  if (!fs.existsSync(report)) throw new Error(`the tests did not run: ${stdout}${stderr}`)
  const files: readonly FileReport[] = JSON.parse(fs.readFileSync(report, 'utf8')).testResults
  expect(files.map(({ name }) => path.relative(clone, name)).toSorted()).toEqual(FILES.toSorted())
  for (const { message, assertionResults } of files) {
    expect(message).toBe('')
    expect(assertionResults.length).toBeGreaterThan(10)
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    expect(failed.map(({ fullName, failureMessages }) => [fullName, ...failureMessages])).toEqual([])
  }
})

interface FileReport {
  readonly name: string
  readonly message: string
  readonly assertionResults: readonly {
    readonly fullName: string
    readonly status: string
    readonly failureMessages: readonly string[]
  }[]
}
