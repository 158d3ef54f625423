// The memory map of a Linux process, parsed from /proc/PID/maps, and the bytes of a mapped file wherever they can
// still be had. Paths there are as the target's mount namespace sees them, and the file may have been deleted or
// replaced since: a file is only taken when it is provably the mapped one.

import fs from 'node:fs'
import type { ByteSource } from '../binary/elf.js'
import type { Address, RemoteMemory } from '../memory/remote-memory.js'
import { pathOfTargetFile } from './target-files.js'

export interface Mapping {
  readonly start: Address
  readonly end: Address
  /** As the kernel prints it: `r-xp`. */
  readonly permissions: string
  /** Offset into the file, in bytes. */
  readonly offset: number
  readonly device: string
  /** 0 for memory that belongs to no file. */
  readonly inode: number
  /** The path as the target sees it, without ` (deleted)`; '' for anonymous memory, `[heap]` and so on for others. */
  readonly path: string
  readonly deleted: boolean
}

/** A file of which at least one piece is mapped, with all its mappings in order of address. */
export interface MappedFile {
  readonly path: string
  readonly inode: number
  /** `device:inode`, the same for the same file in every process of this machine. */
  readonly key: string
  readonly mappings: readonly Mapping[]
}

const DELETED = ' (deleted)'

export function readMaps(pid: number): Mapping[] {
  return parseMaps(fs.readFileSync(`/proc/${pid}/maps`, 'utf8'))
}

export function parseMaps(text: string): Mapping[] {
  const mappings: Mapping[] = []
  for (const line of text.split('\n')) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) (\S+) ([0-9a-f]+) (\S+) (\d+) *(.*)$/.exec(line)
    if (match === null) continue
    const [, start = '', end = '', permissions = '', offset = '', device = '', inode = '', path = ''] = match
    const deleted = path.endsWith(DELETED)
    mappings.push({
      start: Number.parseInt(start, 16),
      end: Number.parseInt(end, 16),
      permissions,
      offset: Number.parseInt(offset, 16),
      device,
      inode: Number(inode),
      path: deleted ? path.slice(0, -DELETED.length) : path,
      deleted,
    })
  }
  return mappings
}

/** The mapping in which `address` lies. */
export function findMapping(mappings: readonly Mapping[], address: Address): Mapping | undefined {
  return mappings.find(({ start, end }) => address >= start && address < end)
}

/** The mapped files, in the order of their first mapping. */
export function groupByFile(mappings: readonly Mapping[]): MappedFile[] {
  const files = new Map<string, Mapping[]>()
  for (const mapping of mappings) {
    if (mapping.inode === 0 || !mapping.path.startsWith('/')) continue
    const key = `${mapping.device}:${mapping.inode}`
    const group = files.get(key)
    if (group === undefined) files.set(key, [mapping])
    else group.push(mapping)
  }
  return [...files].map(([key, group]) => {
    const [first] = group as [Mapping, ...Mapping[]]
    return { key, path: first.path, inode: first.inode, mappings: group }
  })
}

/**
 * The bytes of a mapped file: through the kernel's own link to the mapping, through the target's root directory, as
 * its executable, or, when none of these opens the very file, from the parts of it that are mapped.
 */
export function openMappedFile(pid: number, file: MappedFile, memory: RemoteMemory): OpenedFile {
  const [first] = file.mappings as [Mapping, ...Mapping[]]
  const range = `${first.start.toString(16)}-${first.end.toString(16)}`
  for (const path of [`/proc/${pid}/map_files/${range}`, pathOfTargetFile(pid, file.path), `/proc/${pid}/exe`]) {
    const opened = openSameFile(path, file.inode)
    if (opened !== undefined) return opened
  }
  return { source: mappedBytes(file, memory), complete: false, close: () => {} }
}

export interface OpenedFile {
  readonly source: ByteSource
  /** False when only the mapped parts can be read, which leaves out section headers and symbol tables. */
  readonly complete: boolean
  close(): void
}

function openSameFile(path: string, inode: number): OpenedFile | undefined {
  let descriptor: number
  try {
    descriptor = fs.openSync(path, 'r')
  } catch {
    return undefined
  }
  // Device numbers differ between a file and its mapping on overlay file systems, so the inode alone decides; that the
  // runtime found with it is the right one is proved by its cookie in memory.
  if (fs.fstatSync(descriptor).ino !== inode) {
    fs.closeSync(descriptor)
    return undefined
  }
  const source: ByteSource = (offset, length) => {
    // A broken header may tell any offset, and no file reaches that far.
    if (!Number.isSafeInteger(offset)) return Buffer.alloc(0)
    const bytes = Buffer.allocUnsafe(length)
    return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, length, offset))
  }
  return { source, complete: true, close: () => fs.closeSync(descriptor) }
}

function mappedBytes(file: MappedFile, memory: RemoteMemory): ByteSource {
  return (offset, length) => {
    const holder = file.mappings.find(
      ({ start, end, offset: first }) => offset >= first && offset + length <= first + (end - start),
    )
    if (holder === undefined) return Buffer.alloc(0)
    const [bytes] = memory.readMany([{ address: holder.start + (offset - holder.offset), length }])
    return bytes ?? Buffer.alloc(0)
  }
}
