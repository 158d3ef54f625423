// The fields of an object that is not in the table of debug offsets: they lie behind the object header, in the order
// of the object's C structure, and are told by their distance from the end of the header. That distance is the same in
// every build.

import type { Address } from '../../memory/remote-memory.js'
import { readPointer } from '../pointer.js'
import type { Runtime } from '../runtime/find-runtime.js'

/** The `length` bytes behind the header of the object at `address`. */
export function readBody({ memory, offsets }: Runtime, address: Address, length: number): Buffer {
  return memory.read(address + offsets.pyobject.size, length)
}

/** The pointer at `offset` behind the header. */
export function readBodyPointer({ memory, offsets }: Runtime, address: Address, offset: number): Address {
  return readPointer(memory, address + offsets.pyobject.size + offset)
}
