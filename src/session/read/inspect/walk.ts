// Takes the steps of a path from where it begins. Where a step leads nowhere, the error says how far it got, what is
// there, and which names are near.

import {
  findAttribute,
  findItem,
  hasItems,
  listAttributes,
  readKeys,
  readLength,
} from '../../../cpython/values/names/find-inside.js'
import { ReprWriter } from '../../../cpython/values/text/repr-writer.js'
import type { ValueReader } from '../../../cpython/values/value-reader.js'
import { RemoraError } from '../../../errors/remora-error.js'
import { findNear } from './near-names.js'
import type { Step } from './parse-path.js'
import type { Place } from './place.js'
import type { Start } from './start.js'

/** Names that an error or a completion lists. */
const MAX_LISTED = 200

/** @throws RemoraError `PATH_NOT_FOUND` */
export function walk(reader: ValueReader, start: Start): Place {
  let place = start.place
  let reached = start.text
  for (const step of start.steps) {
    const next = takeStep(reader, place, step)
    if (next === undefined) throw notFound(reader, { place, reached, step, start })
    place = next
    reached += step.text
  }
  return place
}

/** How a path could go on from `place`: `.name`, `['key']`, `[0]`. */
export function listSteps(reader: ValueReader, place: Place): string[] {
  if ('namespace' in place) return place.namespace.children.map(({ name }) => `.${name}`)
  if (typeof place.value !== 'number') return []
  const object = reader.at(place.value)
  const length = readLength(reader, object) ?? 0
  return [
    ...(readKeys(reader, object, MAX_LISTED) ?? []).map((key) => `[${textOf(reader, key)}]`),
    ...Array.from({ length: Math.min(length, MAX_LISTED) }, (_, index) => `[${index}]`),
    ...listAttributes(reader, object).map((name) => `.${name}`),
  ]
}

function takeStep(reader: ValueReader, place: Place, step: Step): Place | undefined {
  if ('namespace' in place) {
    if (!('attribute' in step)) return undefined
    const { children, beyond } = place.namespace
    const isNamed = ({ name }: { name: string }): boolean => name === step.attribute
    return children.find(isNamed) ?? beyond?.().find(isNamed)
  }
  if (typeof place.value !== 'number') return undefined
  const object = reader.at(place.value)
  const value = 'attribute' in step ? findAttribute(reader, object, step.attribute) : findItem(reader, object, step.key)
  return value === undefined ? undefined : { value }
}

interface Failure {
  readonly place: Place
  readonly reached: string
  readonly step: Step
  readonly start: Start
}

function notFound(reader: ValueReader, { place, reached, step, start }: Failure): RemoraError {
  const what = whatIs(reader, place)
  const there = listSteps(reader, place)
  const near = findNear(step.text, there).map((one) => reached + one)
  const missing = 'attribute' in step ? `attribute ${step.attribute}` : whatItem(reader, place, step)
  return new RemoraError('PATH_NOT_FOUND', `${reached} is ${what} and has no ${missing}`, {
    path: start.text + start.steps.map(({ text }) => text).join(''),
    reached,
    missing: step.text,
    there: there.slice(0, MAX_LISTED),
    near,
  })
}

function whatIs(reader: ValueReader, place: Place): string {
  if ('namespace' in place) return place.namespace.text
  if (typeof place.value !== 'number') return `of type ${place.value.type}`
  const object = reader.at(place.value)
  const { fullName } = object.class
  const count = readLength(reader, object) ?? readKeys(reader, object, Number.MAX_SAFE_INTEGER)?.length
  if (fullName === 'property') return 'a property, whose value only code can tell,'
  return count === undefined ? `of type ${fullName}` : `a ${fullName} of ${count} ${count === 1 ? 'item' : 'items'}`
}

function whatItem(reader: ValueReader, place: Place, { text }: Step): string {
  const items = 'value' in place && typeof place.value === 'number' && hasItems(reader, reader.at(place.value))
  return items ? `item ${text}` : 'items that a path can reach'
}

function textOf(reader: ValueReader, key: number): string {
  const writer = new ReprWriter(reader)
  writer.write(key)
  return writer.text
}
