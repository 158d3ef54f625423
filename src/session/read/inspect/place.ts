// Where a path has come to: an object, a value of C, or a namespace that is no object of the target, such as the
// variables of a frame.

import type { Child } from '../../../cpython/values/shape.js'

export interface Namespace {
  /** What stands for its class: `frame`. */
  readonly type: string
  /** What stands for its `repr()`. */
  readonly text: string
  /** What is shown as its inside. */
  readonly children: readonly Child[]
  /** What a path can reach beyond that: the globals that a frame sees. */
  readonly beyond?: () => readonly Child[]
  /** Whether it is still what it was when it was found. */
  readonly isSame: () => boolean
}

export type Place = { readonly value: Child['value'] } | { readonly namespace: Namespace }
