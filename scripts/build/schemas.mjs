// Writes one JSON Schema a document into `dist/schemas/`, generated from the types: `remora.exec/1` becomes
// `exec.json`. Every exported interface of `documents.ts` with a `schema` field is a document.

import fs from 'node:fs'
import { createGenerator } from 'ts-json-schema-generator'

const source = 'src/session/documents.ts'
fs.mkdirSync('dist/schemas', { recursive: true })

const generator = createGenerator({
  path: source,
  tsconfig: 'tsconfig.json',
  skipTypeCheck: true,
  additionalProperties: true,
})
for (const [, type] of fs.readFileSync(source, 'utf8').matchAll(/export interface (\w+Document)\b/g)) {
  const name = type.replace(/Document$/, '').toLowerCase()
  fs.writeFileSync(`dist/schemas/${name}.json`, `${JSON.stringify(generator.createSchema(type), null, 2)}\n`)
}
