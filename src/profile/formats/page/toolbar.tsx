// The bar at the top: what was recorded, and how to look at it.

import type { RefObject } from 'preact'
import type { ProfileModel, ThreadChoice } from './profile-model.js'
import { count, duration, percent } from './text.js'
import type { View } from './view.js'

interface ToolbarProps {
  readonly model: ProfileModel
  readonly view: View
  readonly setView: (view: View) => void
  readonly choice: ThreadChoice
  readonly setChoice: (choice: ThreadChoice) => void
  readonly dark: boolean
  readonly setDark: (dark: boolean) => void
  readonly query: string
  readonly setQuery: (query: string) => void
  readonly search: RefObject<HTMLInputElement | null>
  /** The share of all samples that the search finds. */
  readonly matched: number | undefined
  readonly showHelp: () => void
}

export function Toolbar(props: ToolbarProps) {
  const { model, view, setView, dark, setDark, query, setQuery, search, matched, showHelp } = props
  const views: readonly (readonly [View, string])[] = [
    ['weight', 'Left heavy'],
    ['time', 'Time order'],
    ...(model.oldTotals === undefined ? [] : ([['before', 'Before']] as const)),
  ]
  return (
    <header>
      <Title model={model} />
      <div class="switch" role="tablist">
        {views.map(([name, label]) => (
          <button key={name} type="button" role="tab" aria-selected={view === name} onClick={() => setView(name)}>
            {label}
          </button>
        ))}
      </div>
      <ThreadSelector {...props} />
      <label class="search">
        <input
          ref={search}
          type="search"
          placeholder="Search  /"
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
          aria-label="Search functions"
        />
        {matched === undefined ? null : <output class="matched">{percent(matched, 1)}</output>}
      </label>
      <button
        type="button"
        class="icon"
        title="Light or dark (L)"
        aria-label="Light or dark"
        onClick={() => setDark(!dark)}
      >
        {dark ? '☀' : '☾'}
      </button>
      <button type="button" class="icon" title="Keys (?)" aria-label="Keys" onClick={showHelp}>
        ?
      </button>
    </header>
  )
}

function Title({ model: { info, oldInfo } }: { model: ProfileModel }) {
  const { command, python, pid, durationMs, mode, sampling, startedAt } = info
  const facts = [
    `Python ${python}`,
    `process ${pid}`,
    duration(durationMs * 1000),
    `${count(sampling.samples)} samples at ${count(sampling.rateHz)} Hz`,
    mode === 'wall' ? 'wall time' : mode,
    ...(sampling.failed > 0 ? [`${count(sampling.failed)} failed`] : []),
    ...(oldInfo === undefined ? [] : [`compared with ${readableTime(oldInfo.startedAt)}`]),
  ]
  return (
    <div class="title" title={`${command}\n${readableTime(startedAt)}`}>
      <h1>{command}</h1>
      <p>{facts.join(' · ')}</p>
    </div>
  )
}

function ThreadSelector({ model, choice, setChoice }: ToolbarProps) {
  const { threads, totals } = model
  const samples = new Float64Array(threads.length)
  for (let row = 0; row < totals.length; row++) {
    const thread = totals.threads[row] as number
    samples[thread] = (samples[thread] as number) + (totals.samples[row] as number)
  }
  const options = threads.map(({ label, task }, thread) => ({
    label,
    task,
    thread,
    samples: samples[thread] as number,
  }))
  const option = ({ label, thread, samples: own }: (typeof options)[number]) => (
    <option key={thread} value={thread}>{`${label} · ${count(own)}`}</option>
  )
  const tasks = options.filter(({ task }) => task)
  return (
    <select
      aria-label="Thread or task"
      value={String(choice)}
      onChange={({ currentTarget: { value } }) => setChoice(value === 'all' ? 'all' : Number(value))}
    >
      <option value="all">{tasks.length > 0 ? 'All threads and tasks' : 'All threads'}</option>
      <optgroup label="Threads">{options.filter(({ task }) => !task).map(option)}</optgroup>
      {tasks.length > 0 ? <optgroup label="Tasks">{tasks.map(option)}</optgroup> : null}
    </select>
  )
}

function readableTime(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
}
