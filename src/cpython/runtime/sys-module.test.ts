import { expect, test } from 'vitest'
import { structure } from '../../../test/fake-memory.js'
import { openImages } from '../../../test/images/open-image.js'
import { readPointer } from '../pointer.js'
import { readInterpreters, readMainInterpreter } from './interpreter.js'
import { findModuleDict, readAbiFlags, readThreadNames } from './sys-module.js'

test.each(openImages())('names the threads of $name as they name themselves', ({ runtime, expected }) => {
  const names = readThreadNames(runtime, readMainInterpreter(runtime))
  const told = expected.threads.flatMap(({ ident, name }) => (name === null ? [] : [[BigInt(ident), name] as const]))
  expect(names).toEqual(new Map(told))
  expect([...names.values()]).toEqual(expect.arrayContaining(['MainThread', 'größe', 'функция', '𐌰𐌱𐌲 🐍']))
})

test.each(openImages())('knows the abi flags of $name', ({ runtime, expected, name }) => {
  expect(readAbiFlags(runtime)).toBe(expected.abiFlags)
  expect(expected.abiFlags).toBe(name.endsWith('d') ? 'd' : '')
})

test.each(openImages())('finds modules of $name by their names', ({ runtime }) => {
  const main = readMainInterpreter(runtime)
  const sysDict = readPointer(runtime.memory, main.address + runtime.offsets.interpreter_state.sysdict)
  expect(findModuleDict(runtime, main, 'sys')).toBe(sysDict)
  expect(findModuleDict(runtime, main, 'threading')).not.toBe(sysDict)
})

test.each(openImages())('$name without modules, or with broken ones, has no names', ({ runtime }) => {
  const main = readMainInterpreter(runtime)
  for (const modules of [0, 0x1000]) {
    runtime.memory.write(main.address + runtime.offsets.interpreter_state.imports_modules, structure(8, { 0: modules }))
    expect(readThreadNames(runtime, readInterpreters(runtime)[0]!)).toEqual(new Map())
  }
})
