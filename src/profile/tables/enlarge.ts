// A column that is full: the same values in one of twice the length.

type Column = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>

export function enlarge<T extends Column>(column: T): T {
  const larger = new (column.constructor as new (length: number) => T)(column.length * 2)
  larger.set(column)
  return larger
}
