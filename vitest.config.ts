// How the tests run. Unit tests lie beside the code (`vitest run src`), tests on live processes in test/integration
// (`vitest run test/integration`). `vitest run --mode record` is no test: it makes the images of test/images anew.
// `vitest run --mode record-drawn` does the same for test/images/free-threaded.
// `vitest run --mode blocked-table` writes docs/blocked-targets.md from what it sees.
// Nothing is retried: a test that fails now and then has found something.

import { defineConfig, type Plugin } from 'vitest/config'
import { assembleAgent } from './scripts/build/assemble-agent.mjs'
import { readProtocol, toKinds } from './scripts/build/kinds.mjs'
import { buildPage, PAGE } from './scripts/build/page.mjs'

/** `import source from './agent.py'` gives the text of what is put together, as in the build. */
const pythonSource: Plugin = {
  name: 'python-source',
  enforce: 'pre',
  async load(id) {
    const [path = id] = id.split('?')
    if (!path.endsWith('.py')) return undefined
    return `export default ${JSON.stringify(assembleAgent(path, toKinds(await readProtocol())))}`
  },
}

const included: Readonly<Record<string, string[]>> = {
  record: ['test/images/record.ts'],
  'record-drawn': ['test/images/free-threaded/record.ts'],
  'blocked-table': ['test/integration/wait/nudge-table.test.ts'],
}

/** The page of the `html` format, built as the build does it. */
const page: Plugin = {
  name: 'page',
  enforce: 'pre',
  async load(id) {
    return PAGE.test(id) ? `export default ${JSON.stringify(await buildPage())}` : undefined
  },
}

/** What measures times and shares: beside other files it would see theirs. */
const ALONE = ['test/integration/*/{record,top,trace-safety}*.test.ts']
/** The other files run side by side: most of their time they wait for a program, or a program for them. */
const AT_ONCE = 3

/** What takes longer hangs. No test judges by it, so it leaves room for a machine that has ten times as much to do. */
const HANGS_MS = 120_000

export default defineConfig(({ mode }) => ({
  plugins: [pythonSource, page],
  test: {
    env: { BLOCKED_TABLE: mode === 'blocked-table' ? 'write' : '' },
    pool: 'forks',
    retry: 0,
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: included[mode] ?? ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: AT_ONCE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: mode in included ? [] : ALONE,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
}))
