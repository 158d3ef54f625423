// What the writer puts into the page and the page reads: names as JSON, numbers as columns behind it. All columns of one
// table have the same length.

export interface PageData {
  readonly info: PageInfo
  readonly threads: readonly PageThread[]
  readonly functions: readonly PageFunction[]
  readonly frameFunctions: ColumnPlace
  readonly frameLines: ColumnPlace
  readonly stackParents: ColumnPlace
  readonly stackFrames: ColumnPlace
  readonly totals: PageTotals
  readonly timelines: readonly PageTimeline[]
  /** The profile to compare with; its threads are numbered as this one's, -1 for one that is gone. */
  readonly old?: { readonly info: PageInfo; readonly totals: PageTotals }
}

export interface PageInfo {
  readonly pid: number
  readonly python: string
  readonly command: string
  readonly startedAt: string
  readonly durationMs: number
  readonly mode: string
  readonly sampling: { readonly samples: number; readonly failed: number; readonly rateHz: number }
}

export interface PageThread {
  readonly label: string
  readonly pid: number
  readonly main: boolean
  readonly task: boolean
}

export interface PageFunction {
  readonly name: string
  readonly file: string
  readonly firstLine: number
  /** Its text from `firstLine` on. */
  readonly source?: readonly string[]
}

export interface PageTotals {
  readonly threads: ColumnPlace
  readonly stacks: ColumnPlace
  readonly samples: ColumnPlace
  readonly wallUs: ColumnPlace
}

export interface PageTimeline {
  readonly thread: number
  readonly stacks: ColumnPlace
  readonly startUs: ColumnPlace
  readonly endUs: ColumnPlace
}

export interface ColumnPlace {
  readonly kind: 'u32' | 'i32' | 'f64'
  readonly offset: number
  readonly length: number
}
