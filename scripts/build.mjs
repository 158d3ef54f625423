// Builds `dist/`: the library as one ES module with its types, the command line as one CommonJS file (which Node
// starts 4 ms faster than an ES module), and the JSON Schemas of all documents. Agents, and the page of the `html`
// format, go in as text.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { agentPlugin, buildAgents } from './build/agents.mjs'
import { builtinsPlugin } from './build/builtins.mjs'
import { writeCodeCaches } from './build/code-cache.mjs'
import { deferredPackage } from './build/deferred-package.mjs'
import { pagePlugin } from './build/page.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
fs.rmSync('dist', { recursive: true, force: true })

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  external: ['koffi'],
  plugins: [agentPlugin, pagePlugin],
  logLevel: 'warning',
}

/** @type {import('esbuild').BuildOptions} */
const inNode = {
  ...shared,
  plugins: [agentPlugin, pagePlugin, builtinsPlugin],
  format: 'cjs',
  minifyWhitespace: true,
  minifySyntax: true,
  supported: { 'dynamic-import': false },
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
}

const commands = fs.readdirSync('src/cli/commands').filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))

await Promise.all([
  build({ ...shared, entryPoints: ['src/index.ts'], outfile: 'dist/index.js', format: 'esm' }),
  build({
    ...inNode,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/cli/main.cjs',
    banner: { js: '#!/usr/bin/env node' },
  }),
  build({
    ...inNode,
    plugins: [agentPlugin, pagePlugin, builtinsPlugin, deferredPackage('string-width', '../string-width.cjs')],
    entryPoints: commands.map((name) => `src/cli/commands/${name}`),
    outdir: 'dist/cli/commands',
    outExtension: { '.js': '.cjs' },
    // The function in which Node runs a CommonJS module; src/cli/load-command.ts runs these itself.
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
  }),
  build({
    ...inNode,
    entryPoints: ['string-width'],
    outfile: 'dist/cli/string-width.cjs',
    banner: { js: `/*\n${fs.readFileSync('node_modules/string-width/license', 'utf8').trim()}\n*/` },
  }),
])
// The sampler of `remora record` runs in a worker, which starts from a file of its own.
await build({ ...inNode, entryPoints: ['src/profile/sampler/sampler-worker.ts'], outfile: 'dist/sampler-worker.cjs' })
fs.chmodSync('dist/cli/main.cjs', 0o755)
await buildAgents('dist/agents')
writeCodeCaches('dist/cli/commands')

const bin = path.join('node_modules', '.bin')
execFileSync(path.join(bin, 'tsc'), ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
await import('./build/schemas.mjs')
