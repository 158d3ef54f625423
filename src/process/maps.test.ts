import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { buildElf } from '../../test/elf-builder.js'
import { FakeMemory } from '../../test/fake-memory.js'
import { groupByFile, openMappedFile, parseMaps } from './maps.js'

const TEXT = `\
00400000-00422000 r--p 00000000 fe:00 5308526                            /usr/bin/python3.14
00422000-0080e000 r-xp 00022000 fe:00 5308526                            /usr/bin/python3.14
00c2f000-00e1c000 rw-p 00000000 00:00 0
1f0a6000-1f1c7000 rw-p 00000000 00:00 0                                  [heap]
7f0000000000-7f0000001000 r-xp 00000000 00:2b 12345678901                /srv/my app/lib (old) /libx.so
7f0000001000-7f0000002000 rw-s 00000000 00:01 1027                       /memfd:a b (deleted)
7f0000002000-7f0000003000 r-xp 0000f000 fe:00 7                          /tmp/gone.so (deleted)
7f0000003000-7f0000004000 r--p 00000000 fe:01 5308526                    /usr/bin/python3.14
7ffce1d6d000-7ffce1d8e000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`

test('parses every line, spaces in paths and deleted files among them', () => {
  const mappings = parseMaps(TEXT)
  expect(mappings).toHaveLength(10)
  expect(mappings[1]).toEqual({
    start: 0x42_2000,
    end: 0x80_e000,
    permissions: 'r-xp',
    offset: 0x2_2000,
    device: 'fe:00',
    inode: 5308526,
    path: '/usr/bin/python3.14',
    deleted: false,
  })
  expect(mappings[2]).toMatchObject({ inode: 0, path: '', deleted: false })
  expect(mappings[4]).toMatchObject({ inode: 12345678901, path: '/srv/my app/lib (old) /libx.so', deleted: false })
  expect(mappings[5]).toMatchObject({ path: '/memfd:a b', deleted: true })
  expect(mappings[6]).toMatchObject({ path: '/tmp/gone.so', deleted: true, offset: 0xf000 })
  expect(mappings[9]).toMatchObject({ path: '[vsyscall]' })
  expect(parseMaps('')).toEqual([])
})

test('groups by file: device and inode, not path; no anonymous memory', () => {
  expect(groupByFile(parseMaps(TEXT)).map(({ key, path, mappings }) => [key, path, mappings.length])).toEqual([
    ['fe:00:5308526', '/usr/bin/python3.14', 2],
    ['00:2b:12345678901', '/srv/my app/lib (old) /libx.so', 1],
    ['00:01:1027', '/memfd:a b', 1],
    ['fe:00:7', '/tmp/gone.so', 1],
    ['fe:01:5308526', '/usr/bin/python3.14', 1],
  ])
})

test('opens the mapped file, and not another one that has taken its path', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'remora-maps-'))
  const memory = new FakeMemory()
  const start = memory.place(Buffer.alloc(0x1000, 'm'))
  try {
    const file = path.join(folder, 'libx.so')
    fs.writeFileSync(file, 'the file itself')
    const { ino: inode } = fs.statSync(file)
    const mapping = {
      start,
      end: start + 0x1000,
      permissions: 'r-xp',
      offset: 0,
      device: 'x',
      path: file,
      deleted: false,
    }
    const open = (number: number) =>
      openMappedFile(
        process.pid,
        { key: 'x', path: file, inode: number, mappings: [{ ...mapping, inode: number }] },
        memory,
      )

    const opened = open(inode)
    expect([opened.complete, opened.source(4, 100).toString()]).toEqual([true, 'file itself'])
    expect([2 ** 40, 2 ** 53, 2 ** 64].map((offset) => opened.source(offset, 64).length)).toEqual([0, 0, 0])
    opened.close()
    // Another inode: what is left of the file is what is mapped.
    const mapped = open(inode + 1)
    expect([mapped.complete, mapped.source(0, 3).toString()]).toEqual([false, 'mmm'])
    mapped.close()
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
})

test('of a file that cannot be opened gives the mapped parts, and nothing of the others', () => {
  const memory = new FakeMemory()
  const file = buildElf()
  const [text, data] = [memory.place(file.subarray(0, 0x1000)), memory.place(file.subarray(0x2000, 0x3000))]
  const mappings = [
    { start: text, end: text + 0x1000, permissions: 'r-xp', offset: 0 },
    { start: data, end: data + 0x1000, permissions: 'rw-p', offset: 0x2000 },
  ].map((mapping) => ({ ...mapping, device: 'x', inode: 1, path: '/gone', deleted: true }))
  const { source, complete } = openMappedFile(0, { key: 'x', path: '/gone', inode: 1, mappings }, memory)
  expect(complete).toBe(false)
  expect(source(0, 4).toString('latin1')).toBe('\x7fELF')
  expect(source(0x2040, 16)).toEqual(file.subarray(0x2040, 0x2050))
  expect(source(0x3000, 64)).toHaveLength(0)
  expect(source(0xff0, 64)).toHaveLength(0)
})
