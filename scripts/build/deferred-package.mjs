// A package whose only export is a function, in a file of its own that is read at the first call of it: few runs of a
// command call it, and its code would cost all of them time. The sources import it as any other.

/**
 * @param {string} name of the package
 * @param {string} file that holds it, relative to the files that are built
 * @returns {import('esbuild').Plugin}
 */
export function deferredPackage(name, file) {
  return {
    name: 'deferred-package',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: 'deferred' }))
      onLoad({ filter: /./, namespace: 'deferred' }, () => ({
        contents: `let loaded
          const load = () => process.getBuiltinModule('node:module').createRequire(__filename)('${file}').default
          export default (...words) => (loaded ??= load())(...words)`,
      }))
    },
  }
}
