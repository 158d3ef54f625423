// Draws a layout on a canvas: only what is in view and wide enough to be seen, so that the cost of a picture depends on
// the screen and not on the profile. It knows where boxes are, not what a click means.

import type { BoxColor } from './colors.js'
import { findBox, type Layout, type Row } from './layout.js'

export interface Box {
  readonly row: number
  readonly index: number
}

export interface FlameStyle {
  readonly label: (box: number) => string
  readonly color: (box: number, node: number) => BoxColor
  /** 0 to 1: how much of the colour is left. */
  readonly strength: (box: number) => number
  readonly mark: (box: number) => boolean
  readonly ink: string
  readonly muted: string
  readonly background: string
  readonly ruler: (position: number) => string
}

export const ROW_HEIGHT = 21
export const RULER_HEIGHT = 24
const NARROWEST = 0.4
const NARROWEST_LABEL = 26
const CHARACTER = 6.6
const PADDING = 5
const FONT = '12px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif'

export class FlameView {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  layout: Layout = { unit: 'samples', width: 1, rows: [] }
  style: FlameStyle | undefined
  selected: Box | undefined
  hovered: Box | undefined
  /** What is in view: from and to in the layout's unit, and how far it is scrolled down in pixels. */
  from = 0
  to = 1
  top = 0
  width = 1
  height = 1
  #frame = 0

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#context = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D
  }

  resize(width: number, height: number): void {
    const ratio = window.devicePixelRatio || 1
    this.width = width
    this.height = height
    this.#canvas.width = Math.round(width * ratio)
    this.#canvas.height = Math.round(height * ratio)
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0)
    this.draw()
  }

  show(layout: Layout): void {
    this.layout = layout
    this.selected = undefined
    this.hovered = undefined
    this.view(0, layout.width)
    this.top = 0
  }

  /** Keeps the view within the layout. */
  view(from: number, to: number): void {
    const { width } = this.layout
    const span = Math.min(width, Math.max(to - from, width / 1e7, 1e-9))
    this.from = Math.max(0, Math.min(from, width - span))
    this.to = this.from + span
    this.schedule()
  }

  scrollTo(top: number): void {
    const highest = Math.max(0, this.layout.rows.length * ROW_HEIGHT + RULER_HEIGHT + 8 - this.height)
    this.top = Math.max(0, Math.min(top, highest))
    this.schedule()
  }

  boxAt(x: number, y: number): Box | undefined {
    if (y < RULER_HEIGHT) return undefined
    const row = Math.floor((y - RULER_HEIGHT + this.top) / ROW_HEIGHT)
    const boxes = this.layout.rows[row]
    if (boxes === undefined) return undefined
    const position = this.from + (x / this.width) * (this.to - this.from)
    const index = findBox(boxes, position)
    const start = boxes.starts[index]
    return start !== undefined && start <= position ? { row, index } : undefined
  }

  /** Where a box is on the canvas, in pixels; it may be out of view. */
  rectangleOf({ row, index }: Box): { x: number; y: number; width: number; height: number } {
    const boxes = this.layout.rows[row] as Row
    const scale = this.width / (this.to - this.from)
    const x = ((boxes.starts[index] as number) - this.from) * scale
    const width = ((boxes.ends[index] as number) - (boxes.starts[index] as number)) * scale
    return { x, y: RULER_HEIGHT + row * ROW_HEIGHT - this.top, width, height: ROW_HEIGHT - 1 }
  }

  schedule(): void {
    if (this.#frame !== 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.draw()
    })
  }

  draw(): void {
    const { style } = this
    if (style === undefined) return
    const context = this.#context
    context.fillStyle = style.background
    context.fillRect(0, 0, this.width, this.height)
    context.font = FONT
    context.textBaseline = 'middle'
    const first = Math.floor(this.top / ROW_HEIGHT)
    const last = Math.min(this.layout.rows.length - 1, Math.ceil((this.top + this.height) / ROW_HEIGHT))
    for (let row = first; row <= last; row++) this.#drawRow(row, style)
    for (const box of [this.hovered, this.selected]) if (box !== undefined) this.#outline(box, style)
    this.#drawRuler(style)
  }

  #drawRow(number: number, style: FlameStyle): void {
    const row = this.layout.rows[number] as Row
    const scale = this.width / (this.to - this.from)
    const y = RULER_HEIGHT + number * ROW_HEIGHT - this.top
    let drawnTo = -1
    for (let at = findBox(row, this.from); at < row.starts.length; at++) {
      const start = row.starts[at] as number
      if (start > this.to) break
      const x = Math.max(-2, (start - this.from) * scale)
      const end = Math.min(this.width + 2, ((row.ends[at] as number) - this.from) * scale)
      // A pixel that is drawn already, or hardly touched, needs no second box.
      if (end <= drawnTo || (end - x < NARROWEST && x < drawnTo + 1)) continue
      this.#drawBox(
        { x, y, width: Math.max(end - x, 0.6) },
        { box: row.functions[at] as number, node: row.nodes[at] as number },
        style,
      )
      drawnTo = end
    }
  }

  #drawBox(
    { x, y, width }: { x: number; y: number; width: number },
    { box, node }: { box: number; node: number },
    style: FlameStyle,
  ): void {
    const context = this.#context
    const { fill, text } = style.color(box, node)
    context.globalAlpha = style.strength(box)
    context.fillStyle = fill
    context.fillRect(x, y, width > 3 ? width - 1 : width, ROW_HEIGHT - 1)
    if (width > NARROWEST_LABEL) {
      const visible = Math.max(x, 0)
      const room = Math.floor((x + width - visible - 2 * PADDING) / CHARACTER)
      const label = style.label(box)
      context.fillStyle = text
      if (room > 2)
        context.fillText(this.#fit(label, x + width - visible - 2 * PADDING), visible + PADDING, y + ROW_HEIGHT / 2)
    }
    context.globalAlpha = 1
    if (style.mark(box) && width > 2) {
      context.fillStyle = style.ink
      context.fillRect(x, y + ROW_HEIGHT - 3, width - 1, 2)
    }
  }

  #fit(label: string, room: number): string {
    const context = this.#context
    if (context.measureText(label).width <= room) return label
    let low = 0
    let high = label.length
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (context.measureText(`${label.slice(0, middle)}…`).width <= room) low = middle
      else high = middle - 1
    }
    return low === 0 ? '' : `${label.slice(0, low)}…`
  }

  #outline(box: Box, style: FlameStyle): void {
    const { x, y, width, height } = this.rectangleOf(box)
    const left = Math.max(x, 0)
    this.#context.lineWidth = box === this.selected ? 2 : 1
    this.#context.strokeStyle = style.ink
    this.#context.strokeRect(left + 0.5, y + 0.5, Math.min(x + width, this.width) - left - 2, height - 1)
  }

  #drawRuler(style: FlameStyle): void {
    const context = this.#context
    context.fillStyle = style.background
    context.fillRect(0, 0, this.width, RULER_HEIGHT - 2)
    const span = this.to - this.from
    // Steps are round in what the ruler shows: parts of a hundred, or time.
    const unit = this.layout.unit === 'samples' ? this.layout.width / 100 : 1
    const step = niceStep((span / unit / this.width) * 120) * unit
    context.fillStyle = style.muted
    for (let at = Math.ceil(this.from / step) * step; at <= this.to; at += step) {
      const x = ((at - this.from) / span) * this.width
      context.fillRect(x, RULER_HEIGHT - 7, 1, 4)
      const label = style.ruler(at)
      if (x + context.measureText(label).width + 6 < this.width) context.fillText(label, x + 4, RULER_HEIGHT / 2 - 1)
    }
  }
}

/** The next of 1, 2, 5, 10, … */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10)
}
