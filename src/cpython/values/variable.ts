// What a value is when it leaves this layer: the `Variable` of every document that shows values, and the limits within
// which it was read. The JSON Schemas are generated from this type; fields may be added, never renamed.

import { DEFAULT_MASK, type Mask } from './mask.js'

/** A named value. */
export interface Variable {
  /** How a path goes on from the parent: `attribute`, `[0]`, `['key']`; empty for elements of a set. */
  name: string
  /** Its class: `int`, `collections.deque`, `app.Job`. */
  type: string
  /** What `repr()` would say, with `…` where something was cut, or `<masked>`. */
  text: string
  /** Address of the object, which is CPython's `id()`. Absent for values that are no objects, such as fields of C. */
  address?: number
  /** Something of the text or of the children was cut, or changed while it was read. */
  truncated?: boolean
  /** It is no part of the text of the value that it is inside of: an attribute, the cause of an exception. */
  apart?: boolean
  /** Items and attributes, as deep as the limits allow. */
  children?: Variable[]
}

export interface ValueLimits {
  /** Levels of children, and of containers within a text. */
  readonly depth: number
  /** Items of one container. */
  readonly items: number
  /** Characters of one text. */
  readonly chars: number
  /** Values under a matching name or key are not read. With a mask, passwords within URLs are not shown either. */
  readonly mask?: Mask | undefined
}

export const DEFAULT_LIMITS: ValueLimits = { depth: 2, items: 50, chars: 400, mask: DEFAULT_MASK }
