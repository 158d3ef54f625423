// Traces a target: parses the probes, lets the agent in, and passes on what it says as typed documents, one an event.
// Ends when the time or the number of events is up, the caller stops it, or the target exits.

import { RemoraError } from '../../errors/remora-error.js'
import type { AgentConnection } from '../../inject/agent-connection.js'
import { parseProbe } from '../../trace/parse-probe.js'
import type { Probe } from '../../trace/probe.js'
import { invalidProbe } from '../../trace/probe-error.js'
import { type AgentConfig, type AgentEvent, followProbes, type TraceBudget } from '../../trace/trace-agent.js'
import { chooseThread, listThreads } from '../activity/threads.js'
import type { TraceDocument } from '../documents/index.js'
import { findNear } from '../read/inspect/near-names.js'
import { hasExited } from '../target/has-exited.js'
import type { HostOptions } from './host.js'
import { ThreadHost } from './thread-host.js'
import type { WritableTarget } from './writable-target.js'

export interface TraceOptions extends HostOptions {
  /** How long; 60,000 by default. */
  readonly forMs?: number
  /** How many events are reported before it ends. */
  readonly count?: number
  /** Only calls that take longer. */
  readonly slowerMs?: number
  /** Lets expressions call what they like, and values show themselves. */
  readonly allowCalls?: boolean
  readonly budget?: Partial<TraceBudget>
  readonly limits?: Partial<AgentConfig['limits']>
  /** Only counts for one second, and estimates what the probes would cost. */
  readonly dryRun?: boolean
}

export const DEFAULT_TRACE_MS = 60_000

const DEFAULT_BUDGET: TraceBudget = { cpuShare: 0.01, eventsPerSecond: 1_000, bytesPerSecond: 1_000_000 }
const DEFAULT_TRACE_LIMITS: AgentConfig['limits'] = { depth: 2, items: 20, chars: 200, mask: true }
/** A counted second has to see everything. */
const DRY_RUN_BUDGET: TraceBudget = { ...DEFAULT_BUDGET, cpuShare: 0.2 }
const DRY_RUN_MS = 1_000
const MAX_MEANT = 3

/** @throws RemoraError `PROBE_INVALID`, `PROBE_NOT_FOUND`, `TOOL_IDS_TAKEN`, `AGENT_LOST`, and as `exec`. */
export async function* trace(
  target: WritableTarget,
  texts: readonly string[],
  options: TraceOptions = {},
): AsyncGenerator<TraceDocument> {
  const probes = texts.map(parseProbe)
  const host = new ThreadHost(target, chooseThread(listThreads(target), 'main'))
  const requested = await host.request('trace', options)
  const tracing = new Tracing(target, probes, options)
  if (requested.outcome === 'arrived') yield* tracing.follow(requested.connection)
  else yield tracing.toDocument({ event: 'detached', at: Date.now(), reason: requested.outcome })
}

/** One conversation. */
class Tracing {
  readonly #target: WritableTarget
  readonly #probes: readonly Probe[]
  readonly #options: TraceOptions
  readonly #config: AgentConfig

  constructor(target: WritableTarget, probes: readonly Probe[], options: TraceOptions) {
    this.#target = target
    this.#probes = probes
    this.#options = options
    this.#config = toConfig(probes, options)
  }

  async *follow(connection: AgentConnection): AsyncGenerator<TraceDocument> {
    let ended = false
    let refusal: RemoraError | undefined
    /** By probe, what has been counted last. */
    const counted = new Map<unknown, AgentEvent>()
    for await (const event of followProbes(connection, this.#config, this.#options.signal)) {
      // The agent has the last word: it has left when it closes the connection.
      if (event.event === 'refused') refusal = this.#toError(event)
      if (refusal !== undefined) continue
      if (event.event === 'aggregate') counted.set(event.probe, event)
      ended = event.event === 'detached' && event.probe === undefined
      const document = this.toDocument(event)
      if (this.#options.dryRun !== true || event.event === 'attached') yield document
      else if (event.event === 'detached' && !ended) yield this.#toEstimate(document)
    }
    if (refusal !== undefined) throw refusal
    if (ended) return
    const { runtime, info } = this.#target
    if (!(await hasExited(runtime))) {
      throw new RemoraError('AGENT_LOST', `the agent in process ${info.pid} does not answer any more`, {
        pid: info.pid,
      })
    }
    // The agent went with the program, and could not say the last of it.
    for (const event of counted.values()) yield this.toDocument({ ...event, final: true })
    yield this.toDocument({ event: 'detached', at: Date.now(), reason: 'exited' })
  }

  toDocument({ event, at, ...fields }: AgentEvent): TraceDocument {
    const { info } = this.#target
    const { budget, seconds } = this.#config
    const attached =
      event === 'attached'
        ? { target: info, text: this.#probes[Number(fields.probe)]?.text, budgets: { ...budget, seconds } }
        : {}
    const { names, wanted, ...known } = fields
    const near = findMeant(wanted, names)
    const meant = near.length > 0 ? { waiting: `${known.waiting}; did you mean ${near.join(', or ')}?` } : {}
    const head = { schema: 'remora.trace/1', pid: info.pid, event, at: new Date(at).toISOString() }
    // What is known is as documents.ts has it.
    return { ...head, ...attached, ...known, ...meant } as TraceDocument
  }

  #toEstimate({ probe = 0, hits = 0, coverage = 1, ...rest }: TraceDocument): TraceDocument {
    const costUs = estimateCostUs(this.#probes[probe] as Probe)
    const hitsPerSecond = Math.round(hits / Math.max(coverage, 0.001) / (DRY_RUN_MS / 1000))
    const { schema, pid, at } = rest
    return {
      schema,
      pid,
      event: 'estimate',
      at,
      probe,
      hitsPerSecond,
      costUs,
      cpuShare: (hitsPerSecond * costUs) / 1e6,
    }
  }

  #toError({ code, message, details }: AgentEvent): RemoraError {
    const { probe: index, at, names, ...facts } = (details ?? {}) as Record<string, unknown>
    const probe = this.#probes[Number(index)]
    const { pid } = this.#target.info
    if (code === 'TOOL_IDS_TAKEN') return new RemoraError(code, String(message), { pid, ...toolNames(facts.tools) })
    if (probe === undefined || (code !== 'PROBE_INVALID' && code !== 'PROBE_NOT_FOUND')) {
      return new RemoraError('INTERNAL', String(message), { pid })
    }
    if (code === 'PROBE_INVALID') return invalidProbe(probe.text, Number(at), String(message))
    return new RemoraError(code, String(message), {
      probe: probe.text,
      near: findMeant(facts.wanted, names),
      pid,
    })
  }
}

/** Those whose beginning was left out, else those that are spelled much alike. */
function findMeant(wanted: unknown, names: unknown): string[] {
  const typed = String(wanted ?? '')
  const known = toTexts(names)
  const longer = known.filter((name) => name.endsWith(`.${typed.replace(/^__main__\./, '')}`))
  return longer.length > 0 ? longer.slice(0, MAX_MEANT) : findNear(typed, known)
}

function toTexts(names: unknown): string[] {
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
}

function toolNames(tools: unknown): { tools?: string } {
  if (typeof tools !== 'object' || tools === null) return {}
  return {
    tools: Object.entries(tools)
      .map(([id, name]) => `${name} (id ${id})`)
      .join(', '),
  }
}

function toConfig(probes: readonly Probe[], options: TraceOptions): AgentConfig {
  const { slowerMs, allowCalls = false, count, dryRun = false } = options
  const counted = dryRun ? probes.map(toCounting) : probes
  return {
    probes: counted.map((probe, index) => ({
      ...probe,
      index,
      ...(slowerMs === undefined || dryRun ? {} : { slowerMs }),
    })),
    allowCalls,
    limits: { ...DEFAULT_TRACE_LIMITS, ...options.limits },
    budget: dryRun ? DRY_RUN_BUDGET : { ...DEFAULT_BUDGET, ...options.budget },
    seconds: (dryRun ? DRY_RUN_MS : (options.forMs ?? DEFAULT_TRACE_MS)) / 1000,
    reports: count ?? null,
  }
}

const AGGREGATING: readonly string[] = ['count', 'time', 'sum', 'min', 'max', 'avg', 'hist']

function toCounting({ text, place }: Probe): Probe {
  return { text, place, actions: [{ kind: 'count' }], by: [] }
}

/** Microseconds that our own thread in the target needs to send one event, as the agent measures it. */
const REPORT_US = 16

/** Microseconds a hit, as measured by bench/trace.mjs, with what follows from it. */
function estimateCostUs({ actions, by, condition, place }: Probe): number {
  const expressions = by.length + (condition === undefined ? 0 : 1)
  if (expressions === 0 && actions.every(({ kind }) => kind === 'count')) return 0.4
  const costs = { args: 3, result: 1, stack: 20, snapshot: 200, count: 1, time: 2, values: 1 }
  const sum = actions.reduce((total, { kind, expressions: list = [] }) => {
    return total + (costs[kind as keyof typeof costs] ?? 1) + list.length
  }, expressions)
  const reporting = actions.some(({ kind }) => AGGREGATING.includes(kind)) ? 0 : REPORT_US
  return sum + reporting + (place.kind === 'line' ? 1 : 2)
}
