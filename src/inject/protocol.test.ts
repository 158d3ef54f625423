// Both sides of the wire against its declaration. The files of the agents are read as text, as they name kinds as
// `kinds.HELLO`, and what an agent says or hears is in the files that make it.

import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { partsOf } from '../../scripts/build/assemble-agent.mjs'
import { toCapitals, toKindsFile } from '../../scripts/build/kinds.mjs'
import * as protocol from './protocol.js'
import { AGENTS, type Declaration, MESSAGES, parseJson, type Side } from './protocol.js'

const declared = Object.entries(MESSAGES) as [keyof typeof MESSAGES, Declaration][]
const python = new URL('../agents/', import.meta.url).pathname
const typescript = new URL('..', import.meta.url).pathname

describe('the declaration', () => {
  const [bytes, lines] = [
    declared.filter(([, { form }]) => form !== 'line'),
    declared.filter(([, { form }]) => form === 'line'),
  ]

  test('gives no kind two meanings, in whatever direction', () => {
    for (const [, { kind }] of bytes) expect(kind).toMatch(/^[!-~]$/)
    expect(new Set(bytes.map(([, { kind }]) => kind)).size).toBe(bytes.length)
  })

  test('tells lines by their beginnings, from each other and from those of pdb', () => {
    const beginnings = [...lines.map(([, { kind }]) => kind), '{"reply":', '{"signal":', '{"complete":']
    for (const one of beginnings) expect(beginnings.filter((other) => other.startsWith(one))).toEqual([one])
  })

  test('lets words and lines go to agents only', () => {
    const toClient = declared.filter(([, { form, to }]) => form !== 'message' && to === 'client')
    expect(toClient).toEqual([])
  })
})

describe('the agents', () => {
  test('have the names that the build has written', () => {
    expect(fs.readFileSync(`${python}wire/kinds.py`, 'utf8')).toBe(toKindsFile(protocol))
  })

  test.each(Object.entries({ bootstrap: 'bootstrap', ...AGENTS }))(
    '%s says and hears what is declared',
    (side, entry) => {
      const used = [...partsOf(`${python}${entry}.py`).values()].flatMap(({ text }) => usesIn(text))
      const meant = declared
        .filter(([, { agents }]) => agents.includes(side as Side))
        .map(([name, { to }]) => `${toCapitals(name)} to ${to}`)
      expect([...new Set(used)].sort()).toEqual(meant.sort())
    },
  )

  test('name no byte, and no beginning of a line, themselves', () => {
    const beginnings = declared.filter(([, { form }]) => form === 'line').map(([, { kind }]) => `b'${kind}`)
    const files = filesBelow(python, '.py').filter((file) => !file.endsWith('kinds.py'))
    const texts = files.map((file) => fs.readFileSync(file, 'utf8'))
    expect(texts.flatMap((text) => text.match(/\bb(["'])[!-~]\1/g) ?? [])).toEqual([])
    expect(beginnings.filter((beginning) => texts.some((text) => text.includes(beginning)))).toEqual([])
  })
})

describe('the client', () => {
  const files = filesBelow(typescript, '.ts').filter((file) => !/\.test\.ts$|protocol\.ts$/.test(file))
  const texts = files.map((file) => fs.readFileSync(file, 'utf8')).filter((text) => text.includes('MESSAGES'))
  const text = texts.join('\n')

  test.each(declared.map(([name]) => name))('names %s', (name) => {
    expect(text).toMatch(new RegExp(`\\b${name}\\b`))
  })

  test('names no byte itself', () => {
    expect(text.match(/kind\b.{0,4}[!=]== '.'|send(Word|Text)?\('.*/g)).toBeNull()
  })
})

test('what is no JSON, or no object, has no fields', () => {
  const fields = ['{"id":1}', '{', 'null', '3'].map((text) => parseJson(MESSAGES.sessionThread, Buffer.from(text)).id)
  expect(fields).toEqual([1, undefined, undefined, undefined])
})

/** `HELLO to client`: what is compared with is heard, all else is said. */
function usesIn(text: string): string[] {
  return [...text.matchAll(/([\s\S]{0,13})\bkinds\.([A-Z_]+)/g)]
    .filter(([, , name]) => name !== 'PROTOCOL')
    .map(([, before = '', name]) => `${name} to ${/(==|!=|startswith\()\s*$/.test(before) ? 'agent' : 'client'}`)
}

function filesBelow(folder: string, ending: string): string[] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending))
  return names.map((name) => path.join(folder, name))
}
