// The distribution of the time between rounds, in a table of fixed size: 32 classes for each doubling, so that a
// quantile is right to 3 %, and to much less where most intervals are alike, as each class keeps its mean.

const CLASSES_PER_DOUBLING = 32
const LOWEST_US = 1 / 64
const CLASSES = 40 * CLASSES_PER_DOUBLING

export class IntervalStatistics {
  readonly #counts = new Float64Array(CLASSES)
  readonly #sums = new Float64Array(CLASSES)
  #count = 0
  #max = 0

  add(us: number): void {
    const index = Math.floor(Math.log2(Math.max(us, LOWEST_US) / LOWEST_US) * CLASSES_PER_DOUBLING)
    const slot = Math.min(index, CLASSES - 1)
    this.#counts[slot] = (this.#counts[slot] as number) + 1
    this.#sums[slot] = (this.#sums[slot] as number) + us
    this.#count++
    if (us > this.#max) this.#max = us
  }

  get summary(): { p50: number; p95: number; p99: number; max: number } {
    return { p50: this.#quantile(0.5), p95: this.#quantile(0.95), p99: this.#quantile(0.99), max: round(this.#max) }
  }

  #quantile(share: number): number {
    let left = share * this.#count
    for (let slot = 0; slot < CLASSES; slot++) {
      const count = this.#counts[slot] as number
      left -= count
      if (count > 0 && left <= 0) return round((this.#sums[slot] as number) / count)
    }
    return 0
  }
}

function round(us: number): number {
  return Math.round(us * 100) / 100
}
