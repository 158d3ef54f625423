// Which stacks test/programs/maze.py can have.

import type { StackFrame } from '../../src/unwind/read-stack.js'

/** Between its walks; and where a busy machine may have stopped it when it had just said that it is ready. */
const OUTSIDE = ['walk <module>', '<module>', 'ready <module>', 'say ready <module>']

/** Each call site leads to one function; the last frame may be anywhere in its own. */
export function isPossibleInMaze(
  frames: readonly Pick<StackFrame, 'function' | 'file' | 'line'>[],
  calls: Readonly<Record<string, string>>,
  depth = 9,
): boolean {
  const rooms = frames.filter(({ file }) => file === 'maze')
  const rest = frames.slice(rooms.length)
  if (frames.slice(0, rooms.length).some(({ file }) => file !== 'maze') || rooms.length > depth + 1) return false
  if (rooms.length === 0) return OUTSIDE.includes(rest.map((frame) => frame.function).join(' '))
  if (rest[0]?.function !== 'walk' || rest[1]?.function !== '<module>' || rest.length !== 2) return false
  const inwards = rooms.toReversed()
  if (inwards[0]?.function !== 'room0') return false
  return inwards.every((room, at) => {
    const callee = inwards[at + 1]
    return callee === undefined || calls[`${room.function}:${room.line}`] === callee.function
  })
}
