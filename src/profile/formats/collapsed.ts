// Collapsed stacks: a line a stack, `thread;outermost;…;innermost samples`, as flamegraph.pl and most flame graph
// programs read them.

import type { Profile, ProfileFrame } from '../profile.js'
import { diffProfiles } from './difference.js'
import { frameLabel, threadLabels } from './labels.js'
import type { Output } from './output.js'
import { pathOf, sumUp, tablesOf } from './totals.js'

export function writeCollapsed(profile: Profile, output: Output): void {
  const tables = tablesOf(profile)
  const totals = sumUp(profile, tables)
  const threads = threadLabels(profile.threads).map(asElement)
  const frames = tables.frames.map((frame: ProfileFrame) => asElement(frameLabel(frame)))
  for (let row = 0; row < totals.length; row++) {
    output.text(threads[totals.threads[row] as number] as string)
    for (const frame of pathOf(tables.stacks, totals.stacks[row] as number)) output.text(`;${frames[frame]}`)
    output
      .text(' ')
      .integer(totals.samples[row] as number)
      .text('\n')
  }
}

/** Semicolons and line ends are what the format is made of. */
function asElement(label: string): string {
  return label.replaceAll(';', ':').replaceAll(/[\r\n]+/g, ' ')
}

/** `stack before now`, with the old counts scaled to as many samples: the input of a differential flame graph. */
export function writeCollapsedDiff(profile: Profile, old: Profile, output: Output): void {
  for (const { thread, path, samples, oldSamples } of diffProfiles(profile, old)) {
    output.text([thread, ...path].map(asElement).join(';'))
    output.text(` ${Math.round(oldSamples)} ${samples}\n`)
  }
}
