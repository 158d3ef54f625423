// Writes one JSON Schema a document into `dist/schemas/`, generated from the types: `remora.exec/1` becomes
// `exec.json`. Every exported interface of src/session/documents named `…Document` is one.

import fs from 'node:fs'
import path from 'node:path'
import { createGenerator } from 'ts-json-schema-generator'

const folder = 'src/session/documents'
fs.mkdirSync('dist/schemas', { recursive: true })

const generator = createGenerator({
  path: `${folder}/*.ts`,
  tsconfig: 'tsconfig.json',
  skipTypeCheck: true,
  additionalProperties: true,
})
const text = fs
  .readdirSync(folder)
  .map((name) => fs.readFileSync(path.join(folder, name), 'utf8'))
  .join('\n')
for (const [, type = ''] of text.matchAll(/export interface (\w+Document)\b/g)) {
  const name = type.replace(/Document$/, '').toLowerCase()
  fs.writeFileSync(`dist/schemas/${name}.json`, `${JSON.stringify(generator.createSchema(type), null, 2)}\n`)
}
