// A probe as parsed: what the agent is configured with. Expressions stay text, as only the target knows its Python;
// each knows where it stands in the probe, so that an error can point at it.

/** Python, and its place in the probe's text in UTF-16 units. */
export interface Expression {
  readonly source: string
  readonly at: number
}

/** What happens at a function: a whole `call`, or one of its moments. */
export type FunctionEvent = 'call' | 'entry' | 'return' | 'yield' | 'await' | 'resume'

export type Place =
  | { readonly kind: 'line'; readonly file: string; readonly line: number }
  /** `name` is dotted and may have globs. */
  | { readonly kind: 'call'; readonly event: FunctionEvent; readonly name: string }
  /** Where an exception of this class starts; anywhere without a name. */
  | { readonly kind: 'raise'; readonly type?: string; readonly name?: string }

export type ReportKind = 'values' | 'args' | 'result' | 'stack' | 'snapshot'
export type MeasureKind = 'count' | 'time' | 'sum' | 'min' | 'max' | 'avg' | 'hist'

/** Expressions stand with `values` (any number) and with the measures of a value (one). */
export interface Action {
  readonly kind: ReportKind | MeasureKind
  readonly expressions?: readonly Expression[]
}

export interface Probe {
  readonly text: string
  readonly place: Place
  readonly condition?: Expression
  readonly actions: readonly Action[]
  /** Keys of an aggregation. */
  readonly by: readonly Expression[]
  /** Only every Nth hit. */
  readonly every?: number
  /** Only this percentage of the hits. */
  readonly sample?: number
}
