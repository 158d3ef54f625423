// Writes one JSON Schema a document into `dist/schemas/`, generated from the types: `remora.exec/1` becomes
// `exec.json`. Every exported interface of `documents.ts`, and of the files beside it that it is made of, with a `schema`
// field is a document.

import fs from 'node:fs'
import { createGenerator } from 'ts-json-schema-generator'

const folder = 'src/session'
const sources = fs.readdirSync(folder).filter((name) => name.endsWith('documents.ts'))
fs.mkdirSync('dist/schemas', { recursive: true })

const generator = createGenerator({
  path: `${folder}/*documents.ts`,
  tsconfig: 'tsconfig.json',
  skipTypeCheck: true,
  additionalProperties: true,
})
const text = sources.map((name) => fs.readFileSync(`${folder}/${name}`, 'utf8')).join('\n')
for (const [, type] of text.matchAll(/export interface (\w+Document)\b/g)) {
  const name = type.replace(/Document$/, '').toLowerCase()
  fs.writeFileSync(`dist/schemas/${name}.json`, `${JSON.stringify(generator.createSchema(type), null, 2)}\n`)
}
