// `npm start`, after the set-up: the demonstration, on the first interpreter that was found.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findPythons } from './pythons.mjs'

const [python] = findPythons()
const cli = fileURLToPath(new URL('../dist/cli/main.cjs', import.meta.url))
const words = python === undefined ? [] : ['--python', python.path]
const { status } = spawnSync(process.execPath, [cli, 'demo', ...words], { stdio: 'inherit' })
process.exit(status ?? 1)
