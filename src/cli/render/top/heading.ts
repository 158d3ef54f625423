// What stands above each page: whose process it is, how it does as a whole, how well the sampling does, and the choices
// that have been made.

import type { TopDocument } from '../../../session/documents/index.js'
import { escapeControls } from '../../../session/words/escape-controls.js'
import { sparkline } from './sparkline.js'
import { pages, type TopState } from './state.js'

/** Three lines; the last of them marks the page and names what is left out. */
export function toHeading(document: TopDocument, state: TopState, columns = 100): string[] {
  const { target } = document
  return [
    `${target.pid}  ${escapeControls(target.command)}  (Python ${target.python})`,
    toVitalSigns(document, columns < 100 ? 5 : 12),
    `${pages.map((page, index) => toTab(index + 1, page, page === state.page)).join('')}  ${toChoices(document, state)}`,
  ]
}

function toVitalSigns({ history, rateHz, threads, taskCount, ...document }: TopDocument, width: number): string {
  const shares = (field: 'onCpu' | 'holdingGil'): number[] => history.map((moment) => moment[field])
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / Math.max(values.length, 1)
  const spark = (values: readonly number[], top = 0): string => sparkline(values, { width, top })
  const rates = history.map((moment) => moment.rateHz)
  return [
    `CPU ${spark(shares('onCpu'), 1)} ${wholePercent(mean(shares('onCpu')))}`,
    `GIL ${spark(shares('holdingGil'), 1)} ${wholePercent(mean(shares('holdingGil')))}`,
    `rate ${spark(rates)} ${Math.round(rateHz)} Hz`,
    plural(threads.length, 'thread'),
    ...(taskCount === 0 ? [] : [plural(taskCount, 'task')]),
    `Remora ${(document.cpuMsPerSecond / 10).toFixed(1)} %`,
    ...(document.failed === 0 ? [] : [`${document.failed} failed`]),
  ].join('  ')
}

function toTab(number: number, page: string, current: boolean): string {
  return current ? `[${number} ${page}]` : ` ${number} ${page} `
}

/** What must not be overlooked comes first, as the end of the line may be cut. */
function toChoices({ mode, windowMs, stopped, ended }: TopDocument, state: TopState): string {
  return [
    ...(state.paused ? ['PAUSED'] : []),
    ...(stopped ? ['STOPPED'] : []),
    ...(ended === 'exited' ? ['ENDED'] : []),
    `${mode}, ${(windowMs / 1000).toFixed(0)} s, by ${state.sort}`,
    ...(state.thread === undefined ? [] : [`only ${state.thread.label}`]),
    ...(state.filter === '' ? [] : [`filter ${escapeControls(state.filter)}`]),
  ].join('  ')
}

function wholePercent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
