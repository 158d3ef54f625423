// What an entry of a container is called: how a path goes on to it.

import type { Address } from '../../../memory/remote-memory.js'
import type { Child, Entry, Shape } from '../shape.js'
import { ReprWriter } from '../text/repr-writer.js'
import type { ValueReader } from '../value-reader.js'
import { keyNameOf } from './key-name.js'

/** Of the key in the name of an item: `['key']`. */
const MAX_KEY_CHARS = 200

interface NumberedEntry {
  readonly steps: Shape['steps']
  readonly entry: Entry
  readonly index: number
}

/** The name is empty where no path leads to it. */
export function nameEntry(reader: ValueReader, { steps = 'none', entry, index }: NumberedEntry): Child {
  const { key, label, value } = entry
  if (steps === 'none' || steps === 'hidden') return { name: '', value }
  if (key !== undefined && steps === 'key') {
    return { name: `[${keyText(reader, key)}]`, plainName: keyNameOf(reader, key), value }
  }
  return { name: steps === 'label' && label !== undefined ? label : `[${index}]`, value }
}

function keyText(reader: ValueReader, key: Address): string {
  const writer = new ReprWriter(reader, MAX_KEY_CHARS)
  writer.write(key)
  return writer.text
}
