// The formats that a profile can be written in, by their names, and how a file's ending chooses one.

import path from 'node:path'
import { RemoraError } from '../../errors/remora-error.js'
import type { Profile } from '../profile.js'
import { writeCallgrind } from './callgrind.js'
import { writeCollapsed, writeCollapsedDiff } from './collapsed.js'
import { writeFirefox } from './firefox.js'
import { writeHtml } from './html.js'
import { writeJsonl } from './jsonl.js'
import { Output } from './output.js'
import { writePerfetto } from './perfetto.js'
import { writePprof } from './pprof.js'
import { writeSpeedscope } from './speedscope.js'
import type { WriteOptions } from './write-options.js'

export interface ProfileFormat {
  readonly summary: string
  /** The first is the usual one. */
  readonly endings: readonly string[]
  readonly write: (profile: Profile, output: Output, options: WriteOptions) => void
  /** Whether it shows the difference to an older profile. */
  readonly showsDifference?: true
}

export const formats = {
  html: {
    summary: 'interactive flame graph in one page, without network',
    endings: ['.html', '.htm'],
    write: writeHtml,
    showsDifference: true,
  },
  speedscope: { summary: 'for speedscope.app', endings: ['.speedscope.json', '.speedscope'], write: writeSpeedscope },
  pprof: {
    summary: 'profile.proto, for go tool pprof and many others',
    endings: ['.pb.gz', '.pprof'],
    write: writePprof,
  },
  firefox: {
    summary: 'for profiler.firefox.com',
    endings: ['.firefox.json', '.gecko.json', '.json'],
    write: writeFirefox,
  },
  perfetto: {
    summary: 'protobuf trace, for ui.perfetto.dev and trace_processor',
    endings: ['.perfetto-trace', '.pftrace', '.perfetto'],
    write: writePerfetto,
  },
  collapsed: {
    summary: 'a line a stack, for flamegraph.pl and the like',
    endings: ['.collapsed', '.folded', '.txt'],
    write: (profile, output, { old }) =>
      old === undefined ? writeCollapsed(profile, output) : writeCollapsedDiff(profile, old, output),
    showsDifference: true,
  },
  callgrind: {
    summary: 'for KCachegrind and callgrind_annotate',
    endings: ['.callgrind', '.out'],
    write: writeCallgrind,
  },
  jsonl: { summary: 'a JSON document a line, for scripts', endings: ['.jsonl', '.ndjson'], write: writeJsonl },
} as const satisfies Readonly<Record<string, ProfileFormat>>

export type FormatName = keyof typeof formats

export const formatNames = Object.keys(formats) as FormatName[]

/** The format that a file's name ends in. */
export function formatOfFile(file: string): FormatName | undefined {
  const name = path.basename(file).toLowerCase()
  const all = formatNames.flatMap((format) => formats[format].endings.map((ending) => ({ format, ending })))
  return all
    .toSorted((a, b) => b.ending.length - a.ending.length)
    .find(({ ending }) => name.endsWith(ending) && name.length > ending.length)?.format
}

/**
 * Writes `profile` to `file`; what was there is replaced. Nothing is left of a file that could not be written whole.
 *
 * @throws RemoraError `OUTPUT_UNWRITABLE` for a full disk and the like, `USAGE` for `old` with a format that cannot
 * show a difference
 */
export function writeProfile(profile: Profile, name: FormatName, file: string, options: WriteOptions = {}): void {
  if (options.old !== undefined) checkShowsDifference(name)
  const output = new Output(file)
  try {
    const format: ProfileFormat = formats[name]
    format.write(profile, output, options)
    output.close()
  } catch (error) {
    output.abandon()
    throw error
  }
}

/** @throws RemoraError `USAGE` */
export function checkShowsDifference(name: FormatName): void {
  if ('showsDifference' in formats[name]) return
  const able = formatNames.filter((other) => 'showsDifference' in formats[other])
  throw new RemoraError('USAGE', `the format ${name} cannot show a difference; ${able.join(' and ')} can`)
}
