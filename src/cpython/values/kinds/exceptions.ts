// Exceptions: their arguments as text, and below what they carry. Follows Include/cpython/pyerrors.h at v3.14.0.

import { readBody } from '../../objects/body.js'
import { readTuple } from '../../objects/sequence.js'
import { pointerAt } from '../../pointer.js'
import type { Child, Describe, Shape } from '../shape.js'

const ARGS = 8
const TRACEBACK = 24
const CONTEXT = 32
const CAUSE = 40
const SUPPRESS_CONTEXT = 48

export const exceptionKinds: Readonly<Record<string, Describe>> = {
  BaseException: (object, { reader, items: limit }): Shape => {
    const { runtime } = reader
    const body = readBody(runtime, object.address, 56)
    const args = pointerAt(body, ARGS)
    const { items, length: total } = args === 0 ? { items: [], length: 0 } : readTuple(runtime, args, { limit })
    const fields = [
      { name: 'args', value: args, inText: true },
      { name: '__cause__', value: pointerAt(body, CAUSE) },
      { name: '__context__', value: pointerAt(body, CONTEXT) },
      { name: '__traceback__', value: pointerAt(body, TRACEBACK) },
    ].filter(({ value }) => value !== 0)
    const isHidden = (name: string): boolean =>
      name === '__traceback__' ||
      (name === 'args' && total === 0) ||
      (name === '__context__' && (body[SUPPRESS_CONTEXT] !== 0 || pointerAt(body, CAUSE) !== 0))
    return {
      open: [`${object.class.shortName}(`],
      entries: items.map((value) => ({ value })),
      total,
      close: ')',
      steps: 'hidden',
      recursive: '...',
      showMembers: true,
      extra: (): Child[] => fields.filter(({ name }) => !isHidden(name)),
      hidden: (): Child[] => fields,
    }
  },
}
