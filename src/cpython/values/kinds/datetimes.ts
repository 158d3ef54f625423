// The objects of the `datetime` module, and time zones. Follows Modules/_datetimemodule.c at v3.14.0.

import { readBodyPointer } from '../../objects/body.js'
import { type DateTime, readDate, readDateTime, readTime, readTimeDelta } from '../../objects/scalars/datetime.js'
import type { Instance } from '../instance.js'
import { type Describe, type Part, type Shape, textShape } from '../shape.js'

export const datetimeKinds: Readonly<Record<string, Describe>> = {
  'datetime.date': (object, { reader }) => toShape(object, readDate(reader.runtime, object.address), 3),
  'datetime.time': (object, { reader }) => toShape(object, readTime(reader.runtime, object.address), 2),
  'datetime.datetime': (object, { reader }) => toShape(object, readDateTime(reader.runtime, object.address), 5),
  'datetime.timedelta': (object, { reader }) => {
    const fields = Object.entries(readTimeDelta(reader.runtime, object.address)).filter(([, value]) => value !== 0)
    const text = fields.map(([name, value]) => `${name}=${value}`).join(', ')
    return textShape(`${object.class.name}(${text || '0'})`)
  },
  'datetime.timezone': (object, { reader }): Shape => {
    const { runtime } = reader
    const [offset, name] = [0, 8].map((at) => readBodyPointer(runtime, object.address, at)) as [number, number]
    if (name !== 0) return { open: [`${object.class.name}(`, offset, ', ', name, ')'] }
    const { days, seconds, microseconds } = readTimeDelta(runtime, offset)
    // The one object without a name and an offset is `datetime.timezone.utc`.
    if (days === 0 && seconds === 0 && microseconds === 0) return textShape('datetime.timezone.utc')
    return { open: [`${object.class.name}(`, offset, ')'] }
  },
}

/** Seconds and microseconds, which come last, are left out where they are zero; `least` fields never are. */
function toShape({ class: { name } }: Instance, { fields, fold, timeZone }: DateTime, least: number): Shape {
  let count = fields.length
  while (count > least && fields[count - 1] === 0) count--
  const folded = fold === 0 ? '' : ', fold=1'
  const zone: Part[] = timeZone === 0 ? [] : [', tzinfo=', timeZone]
  const start = `${name}(${fields.slice(0, count).join(', ')}`
  // A time names its zone first, a datetime last.
  return { open: least === 2 ? [start, ...zone, `${folded})`] : [start + folded, ...zone, ')'] }
}
