// On this process itself, whose memory is always readable: where the executable is mapped it says ELF.

import { expect, test } from 'vitest'
import { readMaps } from '../process/maps.js'
import { openLinuxMemory } from './linux.js'

const [executable] = readMaps(process.pid).filter(({ path, offset }) => path === process.execPath && offset === 0)
const start = executable!.start

test('reads what is mapped, and says of what is not that it cannot be read', () => {
  const memory = openLinuxMemory(process.pid, 'read')
  try {
    expect(memory.read(start, 4).toString('latin1')).toBe('\x7fELF')
    for (const address of [0, 8, -8, 0x7fff_ffff_f000, 2 ** 64]) {
      expect(() => memory.read(address, 8)).toThrow(expect.objectContaining({ code: 'MEMORY_UNREADABLE' }))
    }
    const ranges = [start + 1, 8, start, -1].map((address) => ({ address, length: 3 }))
    expect(memory.readMany(ranges).map((bytes) => bytes?.toString('latin1'))).toEqual([
      'ELF',
      undefined,
      '\x7fEL',
      undefined,
    ])
    expect(memory.readMany(Array.from({ length: 3000 }, () => ({ address: start, length: 4 })))).toHaveLength(3000)
  } finally {
    memory.close()
  }
})

test('memory opened for reading is not written to', () => {
  const memory = openLinuxMemory(process.pid, 'read')
  expect(() => memory.write(start, Buffer.from('x'))).toThrow(expect.objectContaining({ code: 'MEMORY_UNREADABLE' }))
  memory.close()
})
