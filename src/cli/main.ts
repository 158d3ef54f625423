// The entry of the command line: finds the command by its name and runs it. Commands are loaded when they are needed,
// as starting Node and loading code is most of what a short command costs.

import { loadCommand } from './load-command.js'
import { summaries } from './summaries.js'

async function main([name = '--help', ...rest]: readonly string[]): Promise<number> {
  if (Object.hasOwn(summaries, name)) return loadCommand(`./commands/${name}.cjs`).main(rest)
  const { showOverview } = loadCommand<typeof import('./commands/overview.js')>('./commands/overview.cjs')
  return showOverview(name, { json: rest.includes('--json') })
}

main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode
  // Nothing is left to wait for: else Node would only tidy its memory before it ends, 3 % of a short command.
  if (process.getActiveResourcesInfo().length === 0) process.exit()
})
