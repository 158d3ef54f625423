// `remora top` on the whole screen: draws when there is something new or a key was pressed, until someone quits, the time
// is over, or the process has ended. Then the screen is as before, and the last look is printed below.

import type { TopDocument } from '../../session/documents/index.js'
import type { TopView, TopWatch } from '../../session/profile/top.js'
import { press } from '../render/top/keys.js'
import { renderOnce } from '../render/top/once.js'
import { renderScreen } from '../render/top/screen.js'
import type { TopState } from '../render/top/state.js'
import { FullScreen, type Key } from './full-screen.js'
import type { Terminal } from './terminal.js'

/** Shows what `watch` sees, and closes it. */
export async function showTop(watch: TopWatch, state: TopState, terminal: Terminal): Promise<void> {
  const shown = new TopScreen(watch, state, terminal)
  let last: TopDocument | undefined
  try {
    last = await shown.run()
  } finally {
    shown.leave()
    await watch.close()
  }
  if (last !== undefined)
    await terminal.writeOut(`${renderOnce(last, shown.state, terminal)}\nThe process has ended.\n`)
}

class TopScreen {
  readonly #watch: TopWatch
  readonly #terminal: Terminal
  readonly #screen: FullScreen
  readonly #end: Promise<void>
  #quit: () => void = () => {}
  #fail: (error: unknown) => void = () => {}
  #document: TopDocument
  #left = false
  state: TopState

  constructor(watch: TopWatch, state: TopState, terminal: Terminal) {
    this.#watch = watch
    this.state = state
    this.#terminal = terminal
    this.#document = watch.look(toView(state))
    this.#end = new Promise((resolve, reject) => {
      this.#quit = resolve
      this.#fail = reject
    })
    // Who waits for the end may have left for another reason.
    this.#end.catch(() => {})
    this.#screen = new FullScreen({
      onKey: (key) => this.#attempt(() => this.#press(key)),
      onResize: () => this.#attempt(() => this.#draw()),
      onInterrupt: () => this.#quit(),
    })
  }

  /** Until the end; returns what there was last, if it was the process that ended. */
  async run(): Promise<TopDocument | undefined> {
    this.#screen.enter()
    this.#draw()
    void this.#follow()
    await this.#end
    return this.#watch.ended === 'exited' ? this.#watch.look(toView(this.state)) : undefined
  }

  leave(): void {
    this.#left = true
    this.#screen.leave()
  }

  async #follow(): Promise<void> {
    try {
      while (this.#watch.ended === undefined) {
        await this.#watch.next()
        this.#look()
      }
      this.#quit()
    } catch (error) {
      this.#fail(error)
    }
  }

  #press(key: Key): void {
    const next = press(this.state, key, this.#document)
    if (next === undefined) {
      this.#quit()
      return
    }
    this.state = next
    if (next.paused) this.#watch.pause()
    else this.#watch.resume()
    this.#look()
  }

  #look(): void {
    this.#document = this.#watch.look(toView(this.state))
    this.#draw()
  }

  #draw(): void {
    if (this.#left) return
    const { size } = this.#screen
    const lines = renderScreen(this.#document, this.state, {
      size,
      style: this.#terminal.style,
      findLine: (file, line) => this.#watch.findLine(file, line),
    })
    this.#terminal.writeOut(FullScreen.toUpdate(lines)).catch(this.#fail)
  }

  /** What goes wrong in an event ends the screen in good order, as everything else does. */
  #attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#fail(error)
    }
  }
}

function toView({ mode, thread }: TopState): TopView {
  return { mode, all: true, ...(thread === undefined ? {} : { thread: thread.key }) }
}
