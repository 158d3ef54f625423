// Takes the recorder's own folder out of an image: paths of source files and of the interpreter lead through it, and
// are nobody's business. A name of the same length takes its place, so that all offsets and lengths stay right.

import type { Image } from '../../src/memory/image.js'
import { PAGE_BYTES } from '../../src/memory/page.js'
import type { Address } from '../../src/memory/remote-memory.js'

export function concealFolder({ facts, pages }: Image, folder: string): Image {
  const [secret, name] = [Buffer.from(folder), Buffer.from('/checkout'.padEnd(folder.length, '_').slice(0, folder.length))]
  const concealed = new Map<Address, Buffer>()
  for (const [first, bytes] of joinPages(pages)) {
    for (let at = bytes.indexOf(secret); at >= 0; at = bytes.indexOf(secret, at + 1)) name.copy(bytes, at)
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) concealed.set(first + at, bytes.subarray(at, at + PAGE_BYTES))
  }
  return { facts: JSON.parse(JSON.stringify(facts).replaceAll(folder, name.toString())), pages: concealed }
}

/** Copies of neighbouring pages as one, as a path may begin in one and end in the next. */
function joinPages(pages: Image['pages']): [Address, Buffer][] {
  const runs: [Address, Buffer[]][] = []
  for (const [address, page] of pages) {
    const last = runs.at(-1)
    if (last !== undefined && address === last[0] + last[1].length * PAGE_BYTES) last[1].push(page)
    else runs.push([address, [page]])
  }
  return runs.map(([first, bytes]) => [first, Buffer.concat(bytes)])
}
