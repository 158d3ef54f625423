// Node's own modules in the bundles of the command line. esbuild would copy each of them, name by name, for every file that
// imports it, which takes a millisecond of each start; here all files share the one object.

/** @type {import('esbuild').Plugin} */
export const builtinsPlugin = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/, namespace: 'file' }, ({ path }) => ({ path, namespace: 'builtin' }))
    onLoad({ filter: /./, namespace: 'builtin' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== 'default')
      // Marked as pure, so that the names that nobody imports are left out.
      const exports = names.map((name) => `export const ${name} = /* @__PURE__ */ get('${name}')`)
      const contents = [`const builtin = require('${path}')`, 'const get = (name) => builtin[name]', ...exports]
      return { contents: [...contents, 'export default builtin'].join('\n') }
    })
  },
}
