// What is true of one platform only stays in its rooms: `/proc` in `process` and `memory`, the question which machine
// this is in `native`. Comments may name both, and tests look where they like.

import fs from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const root = path.join(import.meta.dirname, '..')
const sources = fs
  .readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: fs.readFileSync(path.join(root, file), 'utf8') }))

/** The pieces of code in which `wanted` is found, with their lines. */
function findIn(text: string, wanted: (node: ts.Node) => boolean): string[] {
  const found: string[] = []
  const file = ts.createSourceFile('file.tsx', text, ts.ScriptTarget.Latest, true)
  const visit = (node: ts.Node): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart())
    if (wanted(node)) found.push(`${line + 1}: ${node.getText()}`)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** @param hint Only files whose text has it are parsed, which takes most of the time. */
function findInSources(rooms: RegExp, hint: RegExp, wanted: (node: ts.Node) => boolean): string[] {
  return sources
    .filter(({ file, text }) => !rooms.test(file) && hint.test(text))
    .flatMap(({ file, text }) => findIn(text, wanted).map((hit) => `${file}:${hit}`))
}

const PROC = /\/proc(?![\w-])/

const namesProc = (node: ts.Node): boolean =>
  (ts.isStringLiteralLike(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node) ||
    ts.isRegularExpressionLiteral(node)) &&
  PROC.test(node.text)

const asksForMachine = (node: ts.Node): boolean =>
  ts.isIdentifier(node) &&
  /^(platform|arch)$/.test(node.text) &&
  (ts.isPropertyAccessExpression(node.parent) || ts.isBindingElement(node.parent)) &&
  /\b(process|os)\b/.test((ts.isBindingElement(node.parent) ? node.parent.parent.parent : node.parent).getText())

test('/proc is read by `process`, and by `memory` for the bytes of a process', () => {
  expect(findInSources(/^(process|memory)\//, PROC, namesProc)).toEqual([])
})

test('which machine this is, `native/machine.ts` alone asks', () => {
  expect(findInSources(/^native\/machine\.ts$/, /\b(platform|arch)\b/, asksForMachine)).toEqual([])
})

test('the memory of a platform is opened by `memory/open.ts` alone', () => {
  const importsPlatform = (node: ts.Node): boolean =>
    ts.isImportDeclaration(node) && /\/memory\/linux/.test(node.moduleSpecifier.getText())
  expect(findInSources(/^memory\//, /\/memory\/linux/, importsPlatform)).toEqual([])
})

describe('what these would find', () => {
  const hole = '$'.concat('{pid}')
  test.each([
    "'/proc/self'",
    `\`/proc/${hole}\``,
    `\`a${hole}/proc/${hole}\``,
    `\`${hole}/proc\``,
    "'/proc'",
    '/\\/proc/',
  ])('%s', (code) => {
    expect(findIn(`const file = ${code}`, namesProc)).toHaveLength(1)
  })
  test.each(["import { a } from '../process/a.js'", '// reads /proc/self', '/** `/proc` */ const a = 1', "'/procs'"])(
    'not %s',
    (code) => {
      expect(findIn(code, namesProc)).toEqual([])
    },
  )
  test.each(['process.platform', 'const { arch } = process', 'os.platform()', 'os.arch()'])('%s', (code) => {
    expect(findIn(code, asksForMachine)).toHaveLength(1)
  })
  test.each(["build({ platform: 'node' })", 'machine.arch', 'const { platform } = options'])('not %s', (code) => {
    expect(findIn(code, asksForMachine)).toEqual([])
  })
})
