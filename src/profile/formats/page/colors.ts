// Colours say whose code it is: warm for the program's own, green for installed packages, blue for the standard library.
// In a comparison they say what grew and what shrank.

import type { PageFunction } from './page-data.js'

export type Origin = 'own' | 'package' | 'stdlib' | 'runtime'

export interface BoxColor {
  readonly fill: string
  readonly text: string
}

export function originOf({ file, name }: PageFunction): Origin {
  if (file === '' || name === '<GC>') return 'runtime'
  if (/\/(?:site|dist)-packages\//.test(file)) return 'package'
  return /\/lib(?:64)?\/python3|^<frozen /.test(file) ? 'stdlib' : 'own'
}

/** From hue, to hue, saturation. */
const hues: Readonly<Record<Origin, readonly [number, number, number]>> = {
  own: [14, 48, 88],
  package: [138, 172, 42],
  stdlib: [204, 228, 56],
  runtime: [286, 300, 40],
}

export function colorOf(function_: PageFunction, dark: boolean): BoxColor {
  const [from, to, saturation] = hues[originOf(function_)]
  const hash = hashOf(`${function_.file}\0${function_.name}`)
  const hue = from + ((hash & 255) / 255) * (to - from)
  const shade = ((hash >>> 8) & 255) / 255
  return dark
    ? { fill: `hsl(${hue} ${saturation * 0.62}% ${30 + shade * 9}%)`, text: '#f4f1ec' }
    : { fill: `hsl(${hue} ${saturation}% ${70 + shade * 11}%)`, text: '#1d1b18' }
}

/** @param strength how much it grew (to 1) or shrank (to -1) */
export function colorOfDifference(strength: number, dark: boolean): BoxColor {
  const hue = strength > 0 ? 6 : 214
  const much = Math.sqrt(Math.min(1, Math.abs(strength)))
  return dark
    ? { fill: `hsl(${hue} ${much * 64}% ${27 + much * 16}%)`, text: '#f4f1ec' }
    : { fill: `hsl(${hue} ${much * 82}% ${90 - much * 22}%)`, text: '#1d1b18' }
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
