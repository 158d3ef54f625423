import { spawn } from 'node:child_process'
import readline from 'node:readline'
import { once } from 'node:events'
import { test, onTestFinished } from 'vitest'
import { attach } from '../../src/session/attach.js'
import { interpreters } from '../harness/interpreters.js'
import { ValueReader } from '../../src/cpython/values/value-reader.js'
import { ReprWriter } from '../../src/cpython/values/repr-writer.js'
test.each(interpreters)('$name', async ({ path, name }) => {
  const child = spawn(path, ['/tmp/insp/prog.py'], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(readline.createInterface({ input: child.stdout! }), 'line')) as [string]
  const out = JSON.parse(line) as [number, string | null][]
  await using target = await attach(child.pid!)
  let bad = 0
  const t0 = performance.now()
  for (const [address, expected] of out) {
    const reader = new ValueReader(target.runtime, { depth: 100, items: 1e6, chars: 1e6, mask: undefined })
    const writer = new ReprWriter(reader)
    try { writer.write(address) } catch (error) { writer.text = (error as Error).stack! }
    if (writer.text !== expected && expected !== null) { bad++; console.log(`got  ${writer.text.slice(0, 600)}\nwant ${expected.slice(0, 600)}`) }
  }
  console.log(name, out.length, 'bad', bad, (performance.now() - t0).toFixed(1))
})
