// Moments, durations and tables of pandas, whose classes in C have fields of their own behind those of the standard
// library. The layout is that of pandas 2 and 3; a moment is shown only where its fields say the same as its count.

import type { Address } from '../../../memory/remote-memory.js'
import { readBody, readBodyPointer } from '../../objects/body.js'
import { readList } from '../../objects/containers/sequence.js'
import { countItems, readDataType, readNdArray } from '../../objects/ndarray.js'
import { readDateTime, readTimeDelta } from '../../objects/scalars/datetime.js'
import { readInt } from '../../objects/scalars/int.js'
import { readStr } from '../../objects/scalars/str.js'
import { STR_SUBCLASS } from '../../objects/type.js'
import type { Instance } from '../instance.js'
import { readPlainAttributes, readStored } from '../names/plain-attributes.js'
import { closedText, type DescribeSome, type Part, plainName, toHex } from '../shape.js'
import type { ValueReader } from '../value-reader.js'

/** What stands for no moment. */
const NO_TIME = -(2n ** 63n)
/** Nanoseconds of one step, by the number of the unit. */
const STEPS: Readonly<Record<number, bigint>> = { 7: 1_000_000_000n, 8: 1_000_000n, 9: 1000n, 10: 1n }
const DAY = 86_400_000_000_000n

export const pandasKinds: Readonly<Record<string, DescribeSome>> = {
  'pandas._libs.tslibs.nattype._NaT': ({ address }, { reader }) =>
    readBody(reader.runtime, address, 40).readBigInt64LE(32) === NO_TIME ? closedText('NaT') : undefined,
  'pandas._libs.tslibs.timestamps._Timestamp': (object, { reader }) => {
    const moment = readMoment(reader, object)
    if (moment === undefined) return undefined
    const { text, zone, offset } = moment
    if (zone === 0) return closedText(`Timestamp('${text}')`)
    const name = zoneName(reader, zone)
    const shape = closedText(
      `Timestamp('${text}${formatOffset(offset)}', tz=${name === undefined ? '…' : `'${name}'`})`,
    )
    return { ...shape, abridged: name === undefined }
  },
  'pandas._libs.tslibs.timedeltas._Timedelta': ({ address, class: { basicSize } }, { reader }) => {
    if (basicSize < reader.runtime.offsets.pyobject.size + 112) return undefined
    const body = readBody(reader.runtime, address, 112)
    const step = STEPS[body.readInt32LE(104)]
    if (step === undefined) return undefined
    const total = body.readBigInt64LE(32) * step
    const days = total >= 0n ? total / DAY : -((-total + DAY - 1n) / DAY)
    // The standard library's own fields hold as much of it as they can.
    const { days: kept } = readTimeDelta(reader.runtime, address)
    if (BigInt(kept) !== days && days > -999_999_999n && days < 999_999_999n) return undefined
    const rest = total - days * DAY
    return closedText(`Timedelta('${days} days ${days < 0n ? '+' : ''}${formatClock(rest)}')`)
  },
}

/** By the function that shows it. */
export const pythonPandasKinds: Readonly<Record<string, DescribeSome>> = {
  'pandas.core.frame.DataFrame.__repr__': (object, { reader, items }) => {
    const axes = readAxes(reader, object)
    if (axes === undefined) return undefined
    const [columns, rows] = axes.map((axis) => readLabels(reader, axis, items)) as [Labels, Labels]
    const open: Part[] = [`<${plainName(object.class)} object at ${toHex(object.address)}`]
    if (columns.count !== undefined && rows.count !== undefined) open.push(`: shape (${rows.count}, ${columns.count})`)
    if (columns.parts !== undefined) open.push(', columns ', ...columns.parts)
    return { open: [...open, '>'], abridged: columns.parts === undefined }
  },
}

interface Moment {
  readonly text: string
  /** Address of the time zone, or 0. */
  readonly zone: Address
  /** Nanoseconds by which its clock is ahead. */
  readonly offset: bigint
}

function readMoment({ runtime }: ValueReader, { address, class: { basicSize } }: Instance): Moment | undefined {
  if (basicSize < runtime.offsets.pyobject.size + 72) return undefined
  const body = readBody(runtime, address, 72)
  const step = STEPS[body.readInt32LE(64)]
  const nanosecond = body.readInt32LE(48)
  if (step === undefined || nanosecond < 0 || nanosecond > 999) return undefined
  const year = body.readInt32LE(56)
  // The year of the standard library's own fields is another one where theirs cannot hold it.
  const { fields, timeZone: zone } = readDateTime(runtime, address)
  const [, month = 1, day = 1, hour = 0, minute = 0, second = 0, microsecond = 0] = fields
  const seconds = BigInt(hour * 3600 + minute * 60 + second)
  const clock = (seconds * 1_000_000n + BigInt(microsecond)) * 1000n + BigInt(nanosecond)
  const offset = daysFromCivil(year, month, day) * DAY + clock - body.readBigInt64LE(40) * step
  const isCredible = zone === 0 ? offset === 0n : offset % 1_000_000_000n === 0n && offset > -DAY && offset < DAY
  const pad = (number: number): string => String(number).padStart(2, '0')
  return isCredible
    ? { text: `${formatYear(year)}-${pad(month)}-${pad(day)} ${formatClock(clock)}`, zone, offset }
    : undefined
}

/** Four characters at least, the sign among them. */
function formatYear(year: number): string {
  return year < 0 ? `-${String(-year).padStart(3, '0')}` : String(year).padStart(4, '0')
}

/** Days since 1970 in the Gregorian calendar, for all years. */
function daysFromCivil(year: number, month: number, day: number): bigint {
  // Years that begin in March end with the day that not each of them has.
  const shifted = year - (month <= 2 ? 1 : 0)
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return BigInt(era) * 146_097n + BigInt(dayOfEra - 719_468)
}

/** `01:02:03`, with six or nine digits of a second behind it where there are some. */
function formatClock(nanoseconds: bigint): string {
  const seconds = Number(nanoseconds / 1_000_000_000n)
  const pad = (number: number): string => String(Math.floor(number)).padStart(2, '0')
  const digits = String(nanoseconds % 1_000_000_000n).padStart(9, '0')
  const fraction = digits.endsWith('000') ? digits.slice(0, 6) : digits
  const text = `${pad(seconds / 3600)}:${pad((seconds / 60) % 60)}:${pad(seconds % 60)}`
  return /^0+$/.test(fraction) ? text : `${text}.${fraction}`
}

/** `+0130`; with seconds where there are some. */
function formatOffset(nanoseconds: bigint, separator = ''): string {
  const seconds = Math.abs(Number(nanoseconds / 1_000_000_000n))
  const parts = [seconds / 3600, (seconds / 60) % 60, ...(seconds % 60 === 0 ? [] : [seconds % 60])]
  const text = parts.map((part) => String(Math.floor(part)).padStart(2, '0')).join(separator)
  return (nanoseconds < 0n ? '-' : '+') + text
}

/** Undefined for zones of other libraries. */
function zoneName(reader: ValueReader, zone: Address): string | undefined {
  const { runtime, classes } = reader
  const object = reader.at(zone)
  if (object.class.fullName === 'zoneinfo.ZoneInfo') {
    const key = readPlainAttributes(reader, object, { builtIn: true }).find(({ name }) => name === 'key')?.value
    return typeof key === 'number' && classes.of(key).flags & STR_SUBCLASS ? readStr(runtime, key) : undefined
  }
  if (object.class.fullName !== 'datetime.timezone') return undefined
  const [offset, name] = [0, 8].map((at) => readBodyPointer(runtime, zone, at)) as [Address, Address]
  if (name !== 0) return readStr(runtime, name)
  const { days, seconds } = readTimeDelta(runtime, offset)
  const total = BigInt(days * 86_400 + seconds)
  return total === 0n ? 'UTC' : `UTC${formatOffset(total * 1_000_000_000n, ':')}`
}

/** The labels of the columns, and those of the rows. */
function readAxes(reader: ValueReader, object: Instance): readonly [Address, Address] | undefined {
  const { classes, runtime } = reader
  const manager = readStored(reader, object, '_mgr')
  if (typeof manager !== 'number') return undefined
  const info = classes.of(manager)
  if (!classes.inherits(info, 'pandas._libs.internals.BlockManager')) return undefined
  const [blocks, axes] = [8, 16].map((at) => readBodyPointer(runtime, manager, at)) as [Address, Address]
  if (classes.of(blocks).fullName !== 'tuple' || classes.of(axes).fullName !== 'list') return undefined
  const { items } = readList(runtime, axes, { limit: 3 })
  return items.length === 2 ? [items[0] as Address, items[1] as Address] : undefined
}

interface Labels {
  readonly count: number | undefined
  readonly parts: readonly Part[] | undefined
}

function readLabels(reader: ValueReader, axis: Address, limit: number): Labels {
  const { classes, runtime } = reader
  const own = new Map(readPlainAttributes(reader, reader.at(axis)).map(({ name, value }) => [name, value]))
  const range = own.get('_range')
  if (typeof range === 'number' && classes.of(range).fullName === 'range') {
    // The number of its items stands behind start, stop and step.
    return { count: Number(readInt(runtime, readBodyPointer(runtime, range, 24))), parts: [range] }
  }
  const data = own.get('_data')
  const array = typeof data === 'number' ? findArray(reader, data) : undefined
  const read = array === undefined ? undefined : readNdArray(runtime, array)
  if (array === undefined || read === undefined || read.shape.length !== 1)
    return { count: undefined, parts: undefined }
  const count = countItems(read.shape)
  const isOfObjects = readDataType(runtime, read.dtype)?.kind === 'O' && (count < 2 || read.strides[0] === 8)
  if (!isOfObjects) return { count, parts: count <= limit ? [array] : undefined }
  const shown = Math.min(count, limit)
  const bytes = shown === 0 ? Buffer.of() : runtime.memory.read(read.data, shown * 8)
  const parts = Array.from({ length: shown }, (_, index): Part[] => {
    return [index === 0 ? '' : ', ', Number(bytes.readBigUInt64LE(index * 8))]
  })
  return { count, parts: ['[', ...parts.flat(), count > shown ? ', …]' : ']'] }
}

/** An array, or what keeps one for strings. */
function findArray(reader: ValueReader, data: Address): Address | undefined {
  const { classes, runtime } = reader
  const isArray = (address: Address): boolean => classes.inherits(classes.of(address), 'numpy.ndarray')
  if (isArray(data)) return data
  if (!classes.inherits(classes.of(data), 'pandas._libs.arrays.NDArrayBacked')) return undefined
  // Behind the table of its functions.
  const kept = readBodyPointer(runtime, data, 8)
  return kept !== 0 && isArray(kept) ? kept : undefined
}
