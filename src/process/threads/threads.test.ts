import { expect, test } from 'vitest'
import { parseActivity, readThreadIds } from './threads.js'

const registers = '0x3 0x7ffde47a7850 0xffffffffffffffff 0x7f8c9e5ddb60 0x0 0x0 0x7ffde47a7818 0x7f8c9e6c62ad'

test('a thread on a CPU', () => {
  expect(parseActivity('running\n')).toBe('running')
})

test('a system call with its registers', () => {
  expect(parseActivity(`232 ${registers}\n`, 'x64')).toEqual({
    number: 232,
    name: 'epoll_wait',
    arguments: [3n, 0x7ffde47a7850n, 0xffffffffffffffffn, 0x7f8c9e5ddb60n, 0n, 0n],
    stackPointer: 0x7ffde47a7818n,
    programCounter: 0x7f8c9e6c62adn,
  })
})

test.each([
  ['x64', 202, 'futex'],
  ['arm64', 98, 'futex'],
  ['arm64', 202, 'accept'],
  ['x64', 999, 'syscall 999'],
  ['mips', 4, 'syscall 4'],
])('names a system call by the numbers of %s: %i is %s', (architecture, number, name) => {
  expect(parseActivity(`${number} ${registers}`, architecture)).toMatchObject({ number, name })
})

test.each([
  ['a thread blocked outside a system call', '-1 0x7ffde47a7818 0x7f8c9e6c62ad\n'],
  ['nothing', ''],
  ['too few registers', '232 0x3'],
  ['no number', 'stopped'],
])('says nothing of %s', (_, text) => {
  expect(parseActivity(text)).toBeUndefined()
})

test('the threads of this process have this process among them', () => {
  expect(readThreadIds(process.pid).get(process.pid)).toBe(process.pid)
})
