// Who may ask a target at once, for requests that are made of many threads. The agents of some hundred threads would wait for
// each other's GIL, and for us, longer than an agent waits for its client, and none would get anywhere. A thread that is
// blocked waits outside: it keeps nobody from his turn.

/** More agents than that gain nothing: they share one GIL. */
export const MAX_REQUESTS_AT_ONCE = 8
/** How often it is looked whether those whose turn it is are blocked. */
const LOOK_MS = 250

export class Turns {
  readonly #waiting: (() => void)[] = []
  readonly #under = new Set<NodeJS.Timeout>()

  /**
   * Does what `ask` says as soon as there is a turn for it. The turn ends with it, or as soon as `isBlocked`, which is
   * asked every so often from then on, says that the thread will not come soon.
   */
  async during<T>(ask: () => Promise<T>, isBlocked: () => boolean): Promise<T> {
    if (this.#under.size >= MAX_REQUESTS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    const timer = setInterval(() => isBlocked() && this.#end(timer), LOOK_MS)
    this.#under.add(timer)
    try {
      return await ask()
    } finally {
      this.#end(timer)
    }
  }

  /** Hands the turn on, once. */
  #end(timer: NodeJS.Timeout): void {
    clearInterval(timer)
    if (this.#under.delete(timer)) this.#waiting.shift()?.()
  }
}
