// Values of numpy and pandas, whose classes in C inherit from those of the standard library and keep fields of their own.
// REMORA_PACKAGES=/opt/packages-{version} names where both lie, as for the servers in `target/real-programs.test.ts`.

import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { readVariable } from '../../../src/cpython/values/read-variable.js'
import { ValueReader } from '../../../src/cpython/values/value-reader.js'
import { attach } from '../../../src/session/attach.js'
import { type Interpreter, interpreters } from '../../harness/interpreters.js'
import { startTarget } from '../../harness/target.js'

describe.each(interpreters)('$name', (interpreter) => {
  const env = environmentOf(interpreter)
  const has = (...modules: string[]): boolean => {
    const { stderr, status } = spawnSync(interpreter.path, ['-c', `import ${modules.join(', ')}`], {
      env,
      encoding: 'utf8',
    })
    if (status === 0) return true
    const reason = stderr.trim().split('\n').at(-1)
    console.warn(`SKIPPED on ${interpreter.name}: ${modules.join(' with ')}: ${reason}; see REMORA_PACKAGES`)
    return false
  }

  test.runIf(has('numpy', 'pandas'))('arrays, scalars, moments and tables are shown by their layout', async () => {
    const program = await startTarget(interpreter, 'arrays.py', { env })
    const told = (await program.says('values')) as [address: number, text: string][]
    await using target = await attach(program.pid)
    const read = (address: number) => {
      return readVariable(new ValueReader(target.runtime, { chars: 10_000 }), { name: '', value: address }, 0).text
    }
    expect(told.length).toBeGreaterThan(100)
    expect(told.map(([address]) => read(address))).toEqual(told.map(([, text]) => text))
    await program.finish()
    expect(program.stderr).toBe('')
  })
})

function environmentOf({ version }: Interpreter): Record<string, string> {
  const [, minor = ''] = version.split('.')
  const packages = (process.env.REMORA_PACKAGES ?? '')
    .replaceAll('{version}', `3.${minor}`)
    .replaceAll('{minor}', minor)
  return packages === '' ? {} : { PYTHONPATH: packages }
}
