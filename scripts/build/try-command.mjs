/**
 * Runs a built command on a target of its own, and leaves the code of all functions that it has called beside it.
 *
 *   node scripts/build/try-command.mjs dist/cli/commands/exec.cjs python3.14 PID -c 0
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import vm from 'node:vm'

const [filename = '', python = '', ...words] = process.argv.slice(2)
// Its own child, as a kernel with yama lets nobody else look into it.
const target = spawn(python, ['-c', 'import time\nprint(flush=True)\nwhile True: time.sleep(0.001)'])
try {
  await new Promise((resolve, reject) => target.once('error', reject).stdout.once('data', resolve))
  const script = new vm.Script(fs.readFileSync(filename, 'utf8'), { filename })
  const module = { exports: /** @type {{ main?: (words: string[]) => Promise<number> }} */ ({}) }
  const require = createRequire(filename)
  script.runInThisContext()(module.exports, require, module, filename, path.dirname(filename))
  process.exitCode = await module.exports.main?.(words.map((word) => (word === 'PID' ? String(target.pid) : word)))
  fs.writeFileSync(`${filename}.cache`, script.createCachedData())
} finally {
  target.kill('SIGKILL')
}
