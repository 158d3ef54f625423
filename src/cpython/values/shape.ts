// The shape of a value: text with other values in it, before, between and behind its entries. It is what every kind of
// object is turned into, and all that the writer of text and the builder of trees know of objects.

import type { Address } from '../../memory/remote-memory.js'
import type { ClassInfo } from '../objects/classes.js'
import type { Scalar } from '../objects/members.js'
import { HEAP_TYPE } from '../objects/type.js'
import type { Instance } from './instance.js'
import type { ValueReader } from './value-reader.js'

/** Text, or the address of a value that stands in its place. */
export type Part = string | Address

export interface Entry {
  /** `x` in `Point(x=1)`. */
  readonly label?: string
  /** The key in `{key: value}`. */
  readonly key?: Address
  /** Key and value stand there as a tuple of two. */
  readonly pair?: boolean
  readonly value: Address
}

/** Something inside a value that has a name. */
export interface Child {
  readonly name: string
  /** The name that a mask is held against, where it is another one: a key without its brackets. */
  readonly plainName?: string | undefined
  /** The text of the value that it is inside of says it, too. */
  readonly inText?: boolean
  readonly value: Address | Scalar
  /** Whether it is still found where it was: what lies at its address may be another one by now. */
  readonly isThere?: () => boolean
}

export interface Shape {
  /** What stands before the entries; all there is of a value without entries. */
  readonly open: readonly Part[]
  readonly entries?: readonly Entry[]
  /** Entries of the whole object; `entries` may be the first of them. */
  readonly total?: number
  /** The last of them may be of something else, until the thread has gone on that has made room for them. */
  readonly unsettled?: boolean
  readonly close?: string
  /** The whole text where there are no entries. */
  readonly empty?: string
  /** The text of the value within itself. Without one it is written again, as deep as the limits allow. */
  readonly recursive?: string
  /** Of a recursive value, what stands before and behind the entries is written all the same. */
  readonly recursiveInside?: boolean
  /** A comma behind a single entry. */
  readonly comma?: boolean
  /** How a path reaches an entry: by index, key or label; not at all; or it is not shown in a tree either. */
  readonly steps?: 'index' | 'key' | 'label' | 'none' | 'hidden'
  /** More that is inside: shown below the entries, before the attributes. */
  readonly extra?: () => readonly Child[]
  /** Address of a dict in which a path finds names. */
  readonly namespace?: Address
  /** What a path can reach and a tree does not show. */
  readonly hidden?: () => readonly Child[]
  /** Show the members that built-in classes have. */
  readonly showMembers?: boolean
  /** Show what is inside only where it is the value that was asked for. */
  readonly aside?: boolean
  /** Show nothing that is inside. */
  readonly closed?: boolean
  /** The text in `open` is cut: the mark of that is put behind it. */
  readonly truncated?: boolean
  /** Something was left out of the text, which says so itself. */
  readonly abridged?: boolean
}

export interface DescribeOptions {
  readonly reader: ValueReader
  /** How many entries are wanted. */
  readonly items: number
  /** How many characters of a string or a number are wanted. */
  readonly chars: number
}

/** Turns one kind of object into its shape. */
export type Describe = (object: Instance, options: DescribeOptions) => Shape

/** The same, where an instance may be other than the others: such a one has no shape of this kind. */
export type DescribeSome = (object: Instance, options: DescribeOptions) => Shape | undefined

/** The shape of a value that is nothing but text. */
export function textShape(text: string): Shape {
  return { open: [text] }
}

/** The shape of a value that is nothing but text, and whose inside nobody looks for. */
export function closedText(text: string): Shape {
  return { open: [text], closed: true }
}

/** The default `repr()` names the module of a class unless it is a built-in one. */
export function plainName({ flags, name, fullName }: ClassInfo): string {
  return flags & HEAP_TYPE ? fullName.replace(/^builtins\./, '') : name
}

/** `0x7f…`, as C prints a pointer. */
export function toHex(address: Address): string {
  return `0x${address.toString(16)}`
}
