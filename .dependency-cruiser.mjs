// Who may import whom. `docs/architecture.md` gives the reasons; `npm run check` holds the code against it.

/** The layers, from the bottom up. Those of one line stand side by side and may not know each other. */
const LAYERS = [
  ['errors'],
  ['native'],
  ['memory', 'binary', 'process'],
  ['cpython'],
  ['unwind', 'inject'],
  ['pdb', 'trace', 'profile'],
  ['session'],
  ['cli'],
]

/**
 * Neighbours of one line that one may import all the same.
 * @type {Record<string, string[]>}
 */
const NEIGHBOURS = { process: ['memory', 'binary'], inject: ['unwind'] }

/**
 * What a layer may never import although it lies below.
 * @type {Record<string, string[]>}
 */
const BARRED = { profile: ['inject'] }

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const layerRules = LAYERS.flatMap((line, level) => {
  const above = LAYERS.slice(level + 1).flat()
  return line.flatMap((layer) => {
    const beside = line.filter((other) => other !== layer && !NEIGHBOURS[layer]?.includes(other))
    const barred = [...above, ...beside, ...(BARRED[layer] ?? [])]
    if (barred.length === 0) return []
    return {
      name: `${layer}-keeps-to-its-layer`,
      comment: `${layer} may not know the layers above or beside it`,
      severity: 'error',
      from: { path: `^src/${layer}/`, pathNot: '\\.test\\.ts$' },
      to: { path: `^src/(${barred.join('|')})/` },
    }
  })
})

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'two files that need each other are one file, or want a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...layerRules,
    {
      name: 'reading-never-injects',
      comment: 'what only reads has no way to what writes into the target: the first line of the safety contract',
      severity: 'error',
      from: {
        path: '^src/(session/(read|activity|words|documents|target|profile)|profile|unwind)/',
        pathNot: '\\.test\\.ts$',
      },
      to: { path: '^src/(inject|pdb|trace|session/run)/', reachable: true },
    },
    {
      name: 'packages-are-declared',
      comment: 'the package carries what package.json names as its dependencies, and nothing else',
      severity: 'error',
      // The build puts the packages of these into their bundles.
      from: { path: '^src/', pathNot: '\\.test\\.ts$|^src/profile/formats/page/|^src/cli/render/text/columns[.]ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'imports-exist',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The build takes Python as text.
    exclude: { path: '^(dist|node_modules)/|[.]py$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mts', '.mjs', '.js', '.json', '.py'],
    },
  },
}
