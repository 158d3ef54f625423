// Perfetto's own trace_processor, as its user interface has it: WebAssembly in a worker of a browser, asked in SQL through
// protocol buffers. docs/profile-formats.md says where a folder with `engine_bundle.js` is to be had.

import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Browser } from 'playwright-core'

// Field numbers of trace_processor.proto.
const MESSAGE = 1
const Rpc = { request: 2, traceData: 101, queryArguments: 103, queryResult: 203 } as const
const Method = { append: 1, finish: 2, query: 3 } as const
const SQL = 1
const Result = { columnNames: 1, error: 2, batch: 3 } as const
const Batch = { cells: 1, numbers: 2, texts: 5 } as const
const Cell = { null: 1, number: 2, text: 4 } as const

export type Row = (string | number | null)[]

/** Loads a trace, asks it the queries, and returns the rows of each. */
export async function queryTrace(
  browser: Browser,
  { folder, trace, queries }: { folder: string; trace: string; queries: readonly string[] },
): Promise<Row[][]> {
  const server = http.createServer((request, response) => serve(path.join(folder, request.url ?? ''), response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const page = await browser.newPage()
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const requests = [
      call(Method.append, field(Rpc.traceData, fs.readFileSync(trace))),
      call(Method.finish),
      ...queries.map((sql) => call(Method.query, field(Rpc.queryArguments, field(SQL, Buffer.from(sql))))),
    ].map((request) => [...request])
    const answers = await page.evaluate<number[][]>(`(${EXCHANGE})(${JSON.stringify(requests)})`)
    return answers.slice(2).map((answer) => parseRows(Buffer.from(answer)))
  } finally {
    await page.close()
    server.close()
  }
}

/** In the browser: one answer for each request. */
const EXCHANGE = `async (requests) => {
  const { port1, port2 } = new MessageChannel()
  new Worker('engine_bundle.js').postMessage(port1, [port1])
  const answers = []
  for (const request of requests) {
    port2.postMessage(Uint8Array.from(request))
    answers.push(await new Promise((resolve) => { port2.onmessage = ({ data }) => resolve([...data]) }))
  }
  return answers
}`

function serve(file: string, response: http.ServerResponse): void {
  if (!fs.existsSync(file) || fs.statSync(file).isDirectory()) return void response.end('<!doctype html>')
  const type = file.endsWith('.wasm') ? 'application/wasm' : 'text/javascript'
  response.setHeader('content-type', type).end(fs.readFileSync(file))
}

function call(method: number, ...parts: readonly Buffer[]): Buffer {
  return field(MESSAGE, Buffer.concat([varint(Rpc.request * 8), varint(method), ...parts]))
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

/** The rows of a stream with a single message. */
function parseRows(stream: Buffer): Row[] {
  const message = parseFields(bytesOf(parseFields(stream), MESSAGE)[0] as Buffer)
  const rows: Row[] = []
  for (const result of bytesOf(message, Rpc.queryResult).map(parseFields)) {
    const [error] = bytesOf(result, Result.error)
    if (error !== undefined) throw new Error(error.toString())
    const width = bytesOf(result, Result.columnNames).length
    const cells = bytesOf(result, Result.batch).flatMap((batch) => parseCells(parseFields(batch)))
    for (let at = 0; at < cells.length; at += width) rows.push(cells.slice(at, at + width))
  }
  return rows
}

function parseCells(batch: readonly Field[]): Row {
  const numbers = bytesOf(batch, Batch.numbers).flatMap(parseVarints)
  const texts = bytesOf(batch, Batch.texts).flatMap((all) => all.toString().split('\0'))
  return bytesOf(batch, Batch.cells)
    .flatMap(parseVarints)
    .map((kind) => {
      if (kind === Cell.null) return null
      if (kind === Cell.number) return numbers.shift() ?? 0
      if (kind === Cell.text) return texts.shift() ?? ''
      throw new Error(`a cell of kind ${kind}`)
    })
}

interface Field {
  readonly number: number
  readonly value: number | Buffer
}

function bytesOf(fields: readonly Field[], number: number): Buffer[] {
  return fields.flatMap((one) => (one.number === number && typeof one.value !== 'number' ? [one.value] : []))
}

function parseFields(bytes: Buffer): Field[] {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length; ) {
    const [tag, from] = readVarint(bytes, at)
    const [value, next] = readVarint(bytes, from)
    const isBytes = tag % 8 === 2
    fields.push({ number: Math.floor(tag / 8), value: isBytes ? bytes.subarray(next, next + value) : value })
    at = isBytes ? next + value : next
  }
  return fields
}

function parseVarints(bytes: Buffer): number[] {
  const values: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const [value, next] = readVarint(bytes, at)
    values.push(value)
    at = next
  }
  return values
}

function readVarint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0
  let next = at
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[next++] ?? 0
    value += (byte & 127) * factor
    if (byte < 128) return [value, next]
  }
}
