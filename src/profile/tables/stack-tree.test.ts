import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StackTree } from './stack-tree.js'

test('each stack is there once, however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(40), { maxLength: 30 }), { maxLength: 400 }), (stacks) => {
      const tree = new StackTree()
      const numbers = stacks.map((frames) => frames.reduce((parent, frame) => tree.child(parent, frame), 0))
      const distinct = new Map(stacks.map((frames, index) => [frames.join(' '), numbers[index]]))
      expect(new Set(distinct.values()).size).toBe(distinct.size)
      for (const [index, frames] of stacks.entries()) {
        expect(framesOf(tree, numbers[index] as number)).toEqual(frames)
        expect(distinct.get(frames.join(' '))).toBe(numbers[index])
      }
    }),
  )
})

test('a stack without the stack that it grew from', () => {
  const tree = new StackTree()
  const root = tree.child(tree.child(0, 1), 2)
  const whole = tree.child(tree.child(root, 3), 4)
  expect(framesOf(tree, tree.withoutRoot(whole, root))).toEqual([3, 4])
  expect(tree.withoutRoot(root, root)).toBe(0)
})

test('a stack with one more frame in it', () => {
  const tree = new StackTree()
  const root = tree.child(tree.child(0, 1), 2)
  const whole = tree.child(tree.child(root, 3), 4)
  expect(tree.countFrom(whole, root)).toBe(2)
  expect(tree.countFrom(root, root)).toBe(0)
  for (const [inner, frames] of [
    [0, [1, 2, 3, 4, 9]],
    [2, [1, 2, 9, 3, 4]],
    [4, [9, 1, 2, 3, 4]],
  ] as const) {
    expect(framesOf(tree, tree.insert(whole, inner, 9))).toEqual(frames)
  }
})

/** From the outermost frame in. */
function framesOf(tree: StackTree, stack: number): number[] {
  const frames: number[] = []
  for (let at = stack; at !== 0; at = tree.parents[at] as number) frames.unshift(tree.frames[at] as number)
  return frames
}
