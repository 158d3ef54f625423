// The canvas on the page: wheel, drag, click and keys move the view; a note by the mouse says what is under it.

import { forwardRef } from 'preact/compat'
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { CallTree } from './call-tree.js'
import { changeOf, labelOf } from './flame-style.js'
import { type Box, type FlameStyle, FlameView, ROW_HEIGHT, RULER_HEIGHT } from './flame-view.js'
import { findBox, type Layout } from './layout.js'
import type { ProfileModel } from './profile-model.js'
import { count, duration, percent, points, shortFile } from './text.js'

interface FlameGraphProps {
  readonly model: ProfileModel
  readonly tree: CallTree
  readonly layout: Layout
  readonly style: FlameStyle
  readonly setSelected: (function_: number | undefined) => void
}

export interface FlameHandle {
  readonly zoomToFunction: (id: number) => void
  readonly zoomToSelected: () => void
  readonly reset: () => void
  readonly zoom: (factor: number) => void
  readonly pan: (screens: number) => void
  readonly move: (direction: 'up' | 'down' | 'left' | 'right') => void
  /** The boxes in view, for tests: their labels, and where they are in the window. */
  readonly visibleBoxes: () => { label: string; x: number; y: number; width: number; selected: boolean }[]
}

const NOTE_WIDTH = 340

export const FlameGraph = forwardRef<FlameHandle, FlameGraphProps>(function FlameGraph(props, ref) {
  const { layout, style, model, tree, setSelected } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const view = useRef<FlameView>(null)
  const [note, setNote] = useState<{ box: Box; x: number; y: number }>()

  useLayoutEffect(() => {
    const element = canvas.current as HTMLCanvasElement
    const created = new FlameView(element)
    view.current = created
    const observer = new ResizeObserver(() => created.resize(element.clientWidth, element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    view.current?.show(layout)
    setNote(undefined)
  }, [layout])
  useLayoutEffect(() => {
    if (view.current === null) return
    view.current.style = style
    view.current.draw()
  }, [style, layout])

  const select = (box: Box | undefined): void => {
    const shown = view.current as FlameView
    shown.selected = box
    shown.schedule()
    const function_ = box === undefined ? -1 : (layout.rows[box.row]?.functions[box.index] ?? -1)
    setSelected(function_ >= 0 ? function_ : undefined)
  }
  useImperativeHandle(ref, () => handleOf({ view, canvas, layout, model, select }), [layout, model])
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement
    return listen(element, view.current as FlameView, {
      select,
      hover: (box, x, y) => setNote(box === undefined ? undefined : { box, x, y }),
    })
  }, [layout])

  return (
    <div class="flame">
      <canvas ref={canvas} tabIndex={0} role="img" aria-label="Flame graph" />
      {note === undefined ? null : (
        <Note {...{ note, layout, model, tree }} screen={canvas.current?.clientWidth ?? 0} />
      )}
    </div>
  )
})

interface NoteProps {
  readonly note: { readonly box: Box; readonly x: number; readonly y: number }
  readonly layout: Layout
  readonly model: ProfileModel
  readonly tree: CallTree
  readonly screen: number
}

function Note({ note: { box, x, y }, layout, model, tree, screen }: NoteProps) {
  const row = layout.rows[box.row]
  const id = row?.functions[box.index] ?? -1
  const node = row?.nodes[box.index] ?? -1
  const width = (row?.ends[box.index] ?? 0) - (row?.starts[box.index] ?? 0)
  const function_ = model.functions[id]
  const whole = tree.now.total[0] as number
  const size =
    layout.unit === 'microseconds'
      ? [duration(width), `from ${duration(row?.starts[box.index] ?? 0)}`]
      : [
          `${percent(tree.now.total[node] ?? 0, whole)} total`,
          `${percent(tree.now.self[node] ?? 0, whole)} self`,
          duration(tree.now.wallUs[node] ?? 0),
          `${count(tree.now.total[node] ?? 0)} samples`,
        ]
  const left = Math.max(4, Math.min(x + 14, screen - NOTE_WIDTH))
  return (
    <div class="note" style={{ left: `${left}px`, top: `${y + 18}px` }}>
      <strong>{labelOf(id, model)}</strong>
      {function_?.file ? <span class="place">{`${shortFile(function_.file)}:${function_.firstLine}`}</span> : null}
      <span>{size.join(' · ')}</span>
      {tree.old !== undefined && node >= 0 ? (
        <span>{`${points(changeOf(tree, node))} points since before`}</span>
      ) : null}
    </div>
  )
}

interface Listeners {
  readonly select: (box: Box | undefined) => void
  readonly hover: (box: Box | undefined, x: number, y: number) => void
}

const CLICK_DISTANCE = 4
const WHEEL_SPEED = 0.0022

function listen(element: HTMLCanvasElement, view: FlameView, { select, hover }: Listeners): () => void {
  let drag: { x: number; y: number; from: number; to: number; top: number; moved: boolean } | undefined
  const handlers: { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void } = {
    wheel: (event) => {
      event.preventDefault()
      const perPixel = (view.to - view.from) / view.width
      if (event.ctrlKey || event.metaKey || event.altKey) {
        zoomAround(view, view.from + event.offsetX * perPixel, Math.exp(event.deltaY * WHEEL_SPEED))
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const by = (event.deltaX || event.deltaY) * perPixel
        view.view(view.from + by, view.to + by)
      } else {
        view.scrollTo(view.top + event.deltaY)
      }
    },
    pointerdown: (event) => {
      element.setPointerCapture(event.pointerId)
      drag = { x: event.offsetX, y: event.offsetY, from: view.from, to: view.to, top: view.top, moved: false }
    },
    pointermove: (event) => {
      if (drag !== undefined) {
        const { offsetX: x, offsetY: y } = event
        drag.moved ||= Math.hypot(x - drag.x, y - drag.y) > CLICK_DISTANCE
        if (!drag.moved) return
        const by = ((drag.x - x) / view.width) * (drag.to - drag.from)
        view.view(drag.from + by, drag.to + by)
        view.scrollTo(drag.top + drag.y - y)
        return
      }
      view.hovered = view.boxAt(event.offsetX, event.offsetY)
      view.schedule()
      hover(view.hovered, event.offsetX, event.offsetY)
    },
    pointerup: (event) => {
      if (drag !== undefined && !drag.moved) select(view.boxAt(event.offsetX, event.offsetY))
      drag = undefined
    },
    pointercancel: () => {
      drag = undefined
    },
    pointerleave: () => {
      view.hovered = undefined
      view.schedule()
      hover(undefined, 0, 0)
    },
    dblclick: (event) => {
      const box = view.boxAt(event.offsetX, event.offsetY)
      if (box === undefined) view.view(0, view.layout.width)
      else zoomTo(view, box)
    },
  }
  const entries = Object.entries(handlers) as [string, EventListener][]
  for (const [name, handler] of entries) element.addEventListener(name, handler, { passive: false })
  return () => {
    for (const [name, handler] of entries) element.removeEventListener(name, handler)
  }
}

function zoomAround(view: FlameView, position: number, factor: number): void {
  view.view(position - (position - view.from) * factor, position + (view.to - position) * factor)
}

function zoomTo(view: FlameView, { row, index }: Box): void {
  const boxes = view.layout.rows[row]
  if (boxes !== undefined) view.view(boxes.starts[index] as number, boxes.ends[index] as number)
}

interface HandleSource {
  readonly view: { readonly current: FlameView | null }
  readonly canvas: { readonly current: HTMLCanvasElement | null }
  readonly layout: Layout
  readonly model: ProfileModel
  readonly select: (box: Box | undefined) => void
}

function handleOf({ view: reference, canvas, layout, model, select }: HandleSource): FlameHandle {
  const view = reference.current as FlameView
  const middle = (): number => (view.from + view.to) / 2
  const handle: FlameHandle = {
    zoomToFunction: (id) => {
      const box = widestBox(layout, id)
      if (box === undefined) return
      select(box)
      zoomTo(view, box)
      view.scrollTo((box.row - 2) * ROW_HEIGHT)
    },
    zoomToSelected: () => {
      if (view.selected !== undefined) zoomTo(view, view.selected)
    },
    reset: () => {
      view.view(0, layout.width)
      view.scrollTo(0)
    },
    zoom: (factor) => zoomAround(view, middle(), factor),
    pan: (screens) => {
      const by = (view.to - view.from) * screens
      view.view(view.from + by, view.to + by)
    },
    move: (direction) => {
      const next = neighbourOf(layout, view.selected, direction)
      if (next === undefined) return
      select(next)
      const { y } = view.rectangleOf(next)
      if (y < RULER_HEIGHT || y + ROW_HEIGHT > view.height) view.scrollTo(next.row * ROW_HEIGHT - view.height / 2)
    },
    visibleBoxes: () => visibleBoxes(view, canvas.current as HTMLCanvasElement, model),
  }
  // The one thing that tests need of a canvas, which says nothing by itself.
  Object.assign(window, { remoraFlame: handle })
  return handle
}

function widestBox({ rows }: Layout, function_: number): Box | undefined {
  let widest: Box | undefined
  let most = 0
  for (const [row, { starts, ends, functions }] of rows.entries()) {
    for (let index = 0; index < functions.length; index++) {
      const width = (ends[index] as number) - (starts[index] as number)
      if (functions[index] !== function_ || width <= most) continue
      widest = { row, index }
      most = width
    }
  }
  return widest
}

function neighbourOf(
  layout: Layout,
  box: Box | undefined,
  direction: 'up' | 'down' | 'left' | 'right',
): Box | undefined {
  if (box === undefined) return layout.rows.length > 0 ? { row: 0, index: 0 } : undefined
  const row = layout.rows[box.row]
  if (row === undefined) return undefined
  if (direction === 'left') return box.index > 0 ? { row: box.row, index: box.index - 1 } : undefined
  if (direction === 'right')
    return box.index + 1 < row.starts.length ? { row: box.row, index: box.index + 1 } : undefined
  const other = layout.rows[box.row + (direction === 'up' ? -1 : 1)]
  if (other === undefined) return undefined
  const start = row.starts[box.index] as number
  const index = findBox(other, start)
  const isThere = index < other.starts.length && (other.starts[index] as number) < (row.ends[box.index] as number)
  return isThere ? { row: box.row + (direction === 'up' ? -1 : 1), index } : undefined
}

function visibleBoxes(
  view: FlameView,
  canvas: HTMLCanvasElement,
  model: ProfileModel,
): ReturnType<FlameHandle['visibleBoxes']> {
  const { left, top } = canvas.getBoundingClientRect()
  const boxes: ReturnType<FlameHandle['visibleBoxes']> = []
  for (const [row, { starts, functions }] of view.layout.rows.entries()) {
    for (let index = 0; index < starts.length; index++) {
      const { x, y, width, height } = view.rectangleOf({ row, index })
      if (x + width <= 0 || x >= view.width || width < 1 || y + height < RULER_HEIGHT || y > view.height) continue
      const selected = view.selected?.row === row && view.selected.index === index
      boxes.push({ label: labelOf(functions[index] as number, model), x: left + x, y: top + y, width, selected })
    }
  }
  return boxes
}
