/**
 * Puts the agents together, each from the file of src/agents that src/inject/protocol.ts names, as text and compiled:
 * compiling one takes the target 3 to 15 ms, in which the program stands still; reading its code 0.1 ms. Code is that of one
 * magic number, the version of the bytecode that all interpreters of a release share, debug builds included. Without an
 * interpreter here the text alone is made. src/inject/agent-code.ts reads both.
 *
 * The bootstrap, which runs before its magic number is known, is compiled for each version: `bootstrap.3.14.json`.
 */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { findPythons } from '../pythons/find-pythons.mjs'
import { assembleAgent } from './assemble-agent.mjs'
import { readProtocol, toKinds, writeKindsFile } from './kinds.mjs'

const COMPILE = `
import _imp, json, marshal, sys
magic = _imp.pyc_magic_number_token & 0xffff
bootstrap, *paths = sys.argv[1:]
with open(bootstrap + ".py", "rb") as source:
    # As the interpreter calls the code of a script that it was asked to run: agents know their frames by that.
    code = compile(source.read(), "<string>", "exec", dont_inherit=True)
with open(f"{bootstrap}.{sys.version_info.major}.{sys.version_info.minor}.json", "w") as compiled:
    json.dump({"magic": magic, "code": marshal.dumps(code).hex()}, compiled)
for path in paths:
    with open(path + ".py", "rb") as source:
        code = compile(source.read(), "<remora>", "exec", dont_inherit=True)
    with open(f"{path}.{magic}", "wb") as compiled:
        compiled.write(marshal.dumps(code))
`

/** @param {string} folder that is made, and gets `exec.py`, `exec.3627` and so on */
export async function buildAgents(folder) {
  fs.mkdirSync(folder, { recursive: true })
  const protocol = await readProtocol()
  writeKindsFile(protocol)
  const kinds = toKinds(protocol)
  const files = Object.entries({ bootstrap: 'bootstrap', ...protocol.AGENTS }).map(([name, entry]) => {
    const file = path.join(folder, name)
    fs.writeFileSync(`${file}.py`, assembleAgent(`src/agents/${entry}.py`, kinds))
    return file
  })
  for (const python of findPythons()) execFileSync(python.path, ['-I', '-c', COMPILE, ...files])
}

/** `import source from './bootstrap.py'` gives the text of what is put together. @type {import('esbuild').Plugin} */
export const agentPlugin = {
  name: 'agent',
  setup({ onLoad }) {
    onLoad({ filter: /\.py$/ }, async ({ path: file }) => {
      return { contents: assembleAgent(file, toKinds(await readProtocol())), loader: 'text' }
    })
  },
}
