// Builds the page of the `html` format into one text: its script and its style go into its `index.html`, the places of
// the title and the data stay open. The build and the tests load it where the code imports that file.

import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const folder = fileURLToPath(new URL('../../src/profile/formats/page', import.meta.url))

/** Which import is the page. */
export const PAGE = /\/page\/index\.html$/

/** @returns {Promise<string>} */
export async function buildPage() {
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, 'main.tsx'), path.join(folder, 'style.css')],
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    logLevel: 'warning',
  })
  const text = (/** @type {string} */ ending) =>
    outputFiles
      .find((file) => file.path.endsWith(ending))
      ?.text.replaceAll('</script', '<\\/script')
      .trim() ?? ''
  return fs
    .readFileSync(path.join(folder, 'index.html'), 'utf8')
    .replace('/* style.css */', () => text('.css'))
    .replace('/* main.tsx */', () => text('.js'))
}

/** @type {import('esbuild').Plugin} */
export const pagePlugin = {
  name: 'page',
  setup({ onLoad }) {
    onLoad({ filter: PAGE }, async () => ({ contents: await buildPage(), loader: 'text' }))
  },
}
