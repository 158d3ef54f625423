// Unpacks what the writer put into the page: four bytes with the length of the JSON, the JSON, the columns.

import type { ColumnPlace, PageData } from './page-data.js'

export type Column = Uint32Array | Int32Array | Float64Array

export interface Payload {
  readonly data: PageData
  readonly column: (place: ColumnPlace) => Column
}

export async function readPayload(base64: string): Promise<Payload> {
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const bytes = await new Response(stream).arrayBuffer()
  const length = new DataView(bytes).getUint32(0, true)
  const data = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length))) as PageData
  const columns = bytes.slice(4 + length)
  return {
    data,
    column: ({ kind, offset, length: items }) => {
      if (kind === 'f64') return new Float64Array(columns, offset, items)
      return kind === 'i32' ? new Int32Array(columns, offset, items) : new Uint32Array(columns, offset, items)
    },
  }
}
