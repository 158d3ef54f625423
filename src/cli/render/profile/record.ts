// What a recording says at a glance: how well it went, what dominates in plain words, the functions and lines with the
// most samples, and what each thread did.

import path from 'node:path'
import type { RecordDocument, RecordedThreadInfo } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import type { Terminal } from '../../terminal/terminal.js'
import { toTableLines } from '../text/table.js'
import { renderDifference } from './difference.js'

type Styles = Pick<Terminal, 'style' | 'columns'>
type ShownRecord = Omit<RecordDocument, 'output'> & { output?: string }

const SHOWN_FUNCTIONS = 15
const SHOWN_LINES = 8
const SHOWN_THREADS = 12

export function renderRecord(document: ShownRecord, terminal: Styles): string {
  const { difference } = document
  const parts = [renderHeading(document, terminal), renderWords(document)]
  if (document.samples > 0) {
    parts.push(renderFunctions(document, terminal), renderLines(document, terminal), renderThreads(document, terminal))
  }
  if (difference !== undefined) parts.push(renderDifference(difference, terminal.columns))
  if (document.output !== undefined) parts.push(`Recording: ${escapeControls(document.output)}`)
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** One line that takes the place of the one before. */
export function renderProgress({ durationMs, samples, failed, rateHz }: Progress): string {
  const text = `${seconds(durationMs)}: ${count(samples)} samples, ${count(failed)} failed, ${Math.round(rateHz)} Hz`
  return `\r\x1b[Kremora: ${text} (Ctrl-C ends)`
}

interface Progress {
  readonly durationMs: number
  readonly samples: number
  readonly failed: number
  readonly rateHz: number
}

function renderHeading(document: ShownRecord, { style }: Styles): string {
  const { target, durationMs, samples, failed, rounds, late, rateHz, requestedRateHz, intervalUs, cpuMs } = document
  const who = `Process ${target.pid}: ${escapeControls(target.command)} (CPython ${target.python})`
  const asked = requestedRateHz === 0 ? '' : ` of ${Math.round(requestedRateHz)}`
  const lost = percent(failed, samples + failed, 2)
  return [
    style('bold', who),
    `${seconds(durationMs)} in mode ${document.mode}${endings[document.ended]}: ${count(samples)} samples of ${plural(document.threads.length, 'thread')}; ${lost} failed`,
    `${Math.round(rateHz)}${asked} rounds a second, ${percent(late, rounds, 1)} late; intervals: ${us(intervalUs.p50)} half of them, ${us(intervalUs.p95)} 95 %, ${us(intervalUs.p99)} 99 %, ${us(intervalUs.max)} the longest`,
    `Remora itself used ${percent(cpuMs, durationMs, 1)} of a CPU`,
  ].join('\n')
}

const endings: Readonly<Record<RecordDocument['ended'], string>> = {
  stopped: ', until it was stopped',
  time: '',
  exited: ', until the process ended',
}

/** What dominates, as one would say it. */
function renderWords({ samples, functions, threads, mode }: ShownRecord): string {
  if (samples === 0) return `No thread was ${idleWords[mode]} at any of these moments.`
  const [top] = functions
  if (top === undefined) return ''
  const share = top.self / samples
  const name = `${escapeControls(top.function)} (${place(top)})`
  const sentences: string[] = []
  if (share >= 0.5) sentences.push(`${name} dominates: ${percent(top.self, samples)} of all samples are in it alone.`)
  else if (share >= 0.1) sentences.push(`Most samples are in ${name}: ${percent(top.self, samples)}.`)
  else sentences.push(`No function dominates: the first, ${name}, has ${percent(top.self, samples)}.`)
  const caller = functions.find(({ self, total, file }) => {
    const passesOn = self < total * 0.05 && total > samples * 0.5 && total < samples * 0.98
    return passesOn && path.basename(file) !== 'threading.py'
  })
  if (caller !== undefined) {
    sentences.push(`${percent(caller.total, samples)} are in ${escapeControls(caller.function)} and what it calls.`)
  }
  return [...sentences, ...gilWords(threads)].join(' ')
}

function gilWords(threads: readonly RecordedThreadInfo[]): string[] {
  const busy = new Set(
    threads
      .filter(({ holdingGil, samples }) => holdingGil > samples * 0.1)
      .map(({ pid, nativeId }) => `${pid} ${nativeId}`),
  )
  const inOneProcess = new Set(threads.map(({ pid }) => pid)).size === 1
  const collecting = threads.reduce((sum, thread) => sum + thread.collectingGarbage, 0)
  const samples = threads.reduce((sum, thread) => sum + thread.samples, 0)
  const words: string[] = []
  if (busy.size > 1 && inOneProcess) words.push(`${busy.size} threads share the GIL.`)
  if (collecting > samples * 0.02) words.push(`${percent(collecting, samples)} is garbage collection.`)
  return words
}

const idleWords: Readonly<Record<RecordDocument['mode'], string>> = {
  wall: 'running Python code',
  cpu: 'on a CPU',
  gil: 'holding the GIL',
  exceptions: 'handling an exception',
}

function renderFunctions({ functions, samples }: ShownRecord, terminal: Styles): string {
  const rows = functions
    .slice(0, SHOWN_FUNCTIONS)
    .map((one) => [percent(one.self, samples), percent(one.total, samples), escapeControls(one.function), place(one)])
  return table(['self', 'total', 'function', ''], rows, terminal)
}

function renderLines({ lines, samples }: ShownRecord, terminal: Styles): string {
  const rows = lines
    .slice(0, SHOWN_LINES)
    .map((one) => [percent(one.self, samples), place(one), escapeControls(one.function)])
  return table(['self', 'line', 'in'], rows, terminal)
}

function renderThreads({ threads }: ShownRecord, terminal: Styles): string {
  const all = threads.reduce((sum, thread) => sum + thread.samples, 0)
  const several = new Set(threads.map(({ pid }) => pid)).size > 1
  const rows = threads.slice(0, SHOWN_THREADS).map((thread) => {
    const [top] = thread.functions
    const name = thread.task === undefined ? thread.name : `${thread.name}, ${thread.task}`
    return [
      percent(thread.samples, all),
      percent(thread.holdingGil, thread.samples),
      several ? `${thread.pid}/${thread.nativeId}` : String(thread.nativeId),
      escapeControls(name),
      top === undefined ? '' : `${percent(top.self, thread.samples)} ${escapeControls(top.function)}`,
    ]
  })
  const left = threads.length - rows.length
  const more = left > 0 ? `\n… and ${plural(left, 'more thread')}` : ''
  return table(['samples', 'GIL', 'thread', 'name', 'mostly'], rows, terminal) + more
}

function table(headings: readonly string[], rows: readonly (readonly string[])[], { style, columns }: Styles): string {
  const [first = '', ...rest] = toTableLines(headings, rows, columns)
  return [style('bold', first), ...rest].join('\n')
}

function place({ file, line }: { file: string; line: number }): string {
  return line === 0 ? escapeControls(path.basename(file)) : `${escapeControls(path.basename(file))}:${line}`
}

function percent(part: number, whole: number, digits = 1): string {
  return `${((100 * part) / Math.max(whole, 1)).toFixed(digits)} %`
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}

function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function us(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} ms` : `${value.toFixed(1)} µs`
}
