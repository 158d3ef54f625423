// What became of a recording, and how to look at it.

import type { ConvertDocument } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import type { Terminal } from '../../terminal/terminal.js'
import { renderDifference } from './difference.js'

export function renderConvert(document: ConvertDocument, { columns }: Pick<Terminal, 'columns'>): string {
  const { output, format, bytes, samples, threads, stacks, difference } = document
  const what = `${samples} samples, ${stacks} stacks, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  const lines = [`${escapeControls(output)}: ${format}, ${size(bytes)} (${what})`]
  const next = nextSteps[format]
  if (next !== undefined) lines.push(next.replace('FILE', escapeControls(output)))
  if (difference !== undefined) lines.push('', renderDifference(difference, columns))
  return `${lines.join('\n')}\n`
}

const nextSteps: Readonly<Record<string, string>> = {
  html: 'Open it in a browser.',
  speedscope: 'Drop it on https://www.speedscope.app, which keeps it in the browser.',
  pprof: 'Look at it with: go tool pprof -http=: FILE',
  firefox: 'Open it at https://profiler.firefox.com, which keeps it in the browser.',
  perfetto: 'Open it at https://ui.perfetto.dev, which keeps it in the browser.',
  collapsed: 'Draw it with: flamegraph.pl FILE > flame.svg',
  callgrind: 'Look at it with: callgrind_annotate FILE, or kcachegrind FILE',
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
