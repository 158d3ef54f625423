// `remora convert`: from a recording to a file in one of the formats that others read. No process is needed for it.

import fs from 'node:fs'
import { RemoraError } from '../../errors/remora-error.js'
import { compareFunctions } from '../../profile/compare.js'
import {
  checkShowsDifference,
  type FormatName,
  formatNames,
  formatOfFile,
  formats,
  writeProfile,
} from '../../profile/formats/index.js'
import type { WriteOptions } from '../../profile/formats/write-options.js'
import type { Profile } from '../../profile/profile.js'
import { openRecording } from '../../profile/recording/read-recording.js'
import type { ConvertDocument } from '../documents/index.js'

export interface ConvertOptions {
  /** The format; without it, the ending of `output` chooses one. */
  readonly format?: string
  /** An older recording to compare with. */
  readonly diff?: string
}

/**
 * Writes the recording `input` into the file `output`; what lies there is replaced.
 *
 * @throws RemoraError `USAGE` for a format that there is not, `RECORDING_INVALID`, `OUTPUT_UNWRITABLE`
 */
export function convert(input: string, output: string, { format, diff }: ConvertOptions = {}): ConvertDocument {
  const name = chooseFormat(output, format)
  checkDifference(name, output, diff)
  checkIsOther(output, input)
  const recording = openRecording(input)
  try {
    const old = diff === undefined ? undefined : openRecording(diff)
    try {
      const options = { readSource: sourcesOf(recording), ...(old === undefined ? {} : { old }) }
      const document = write(recording, { input, output, name, options })
      if (old === undefined || diff === undefined) return document
      const functions = compareFunctions(recording, old).slice(0, MOST_CHANGES)
      return { ...document, difference: { old: diff, functions: functions.map((one) => ({ ...one })) } }
    } finally {
      old?.close()
    }
  } finally {
    recording.close()
  }
}

/** The format of that name, or else of the file's ending. */
export function chooseFormat(output: string, format?: string): FormatName {
  if (format === undefined) {
    const name = formatOfFile(output)
    if (name !== undefined) return name
    const endings = formatNames.map((other) => formats[other].endings[0]).join(' ')
    throw new RemoraError('USAGE', `the ending of ${output} names no format; these do: ${endings}`, {
      command: 'convert',
    })
  }
  const name = formatNames.find((other) => other === format)
  if (name === undefined) {
    throw new RemoraError('USAGE', `there is no format ${format}; there are ${formatNames.join(', ')}`, {
      command: 'convert',
    })
  }
  return name
}

/** What is wrong with `--diff` shows before anything is recorded. */
export function checkDifference(format: FormatName, output: string, diff: string | undefined): void {
  if (diff === undefined) return
  checkShowsDifference(format)
  checkIsOther(output, diff)
  openRecording(diff).close()
}

/** Who writes over a recording has neither. */
function checkIsOther(output: string, recording: string): void {
  const [written, read] = [output, recording].map((file) => fs.statSync(file, { throwIfNoEntry: false }))
  if (written === undefined || written.ino !== read?.ino || written.dev !== read.dev) return
  throw new RemoraError('USAGE', `${recording} would be overwritten: choose another file for the output`, {
    command: 'convert',
  })
}

const MOST_CHANGES = 40

interface Conversion {
  readonly input: string
  readonly output: string
  readonly name: FormatName
  readonly options: WriteOptions
}

function write(profile: Profile, { input, output, name, options }: Conversion): ConvertDocument {
  writeProfile(profile, name, output, options)
  const { info, threads, stacks } = profile
  return {
    schema: 'remora.convert/1',
    input,
    output,
    format: name,
    bytes: fs.statSync(output).size,
    samples: info.sampling.samples,
    threads: threads.length,
    stacks: stacks.length - 1,
    durationMs: Math.round(info.durationMs),
  }
}

const MAX_SOURCE_BYTES = 8 * 1024 * 1024

/** Reads source files of this machine that are still as they were when the recording ended. */
function sourcesOf({ info }: Profile): (file: string) => string | undefined {
  const endMs = Date.parse(info.startedAt) + info.durationMs
  return (file) => {
    if (!file.startsWith('/')) return undefined
    try {
      const { size, mtimeMs } = fs.statSync(file)
      return size > MAX_SOURCE_BYTES || mtimeMs > endMs ? undefined : fs.readFileSync(file, 'utf8')
    } catch {
      return undefined
    }
  }
}
