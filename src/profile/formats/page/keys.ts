// What the keys do. Nothing while a text is being typed, but for Escape and Enter.

import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import type { FlameHandle } from './flame-graph.js'
import type { View } from './view.js'

interface KeyActions {
  readonly handle: RefObject<FlameHandle | null>
  readonly search: RefObject<HTMLInputElement | null>
  readonly close: () => void
  readonly toggleHelp: () => void
  readonly toggleDark: () => void
  readonly showView: (view: View) => void
  readonly nextThread: (step: number) => void
}

export function useKeys(actions: KeyActions): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement
      const findsInPage = (event.ctrlKey || event.metaKey) && event.key === 'f'
      if ((event.ctrlKey || event.metaKey || event.altKey) && !findsInPage) return
      const act = findsInPage ? keys['/'] : typing && event.key !== 'Escape' ? undefined : keys[event.key]
      if (act === undefined) return
      event.preventDefault()
      act(actions)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })
}

const keys: Readonly<Record<string, (actions: KeyActions) => void>> = {
  '/': ({ search }) => {
    search.current?.focus()
    search.current?.select()
  },
  Escape: ({ close, handle, search }) => {
    search.current?.blur()
    handle.current?.reset()
    close()
  },
  Enter: ({ handle }) => handle.current?.zoomToSelected(),
  '+': ({ handle }) => handle.current?.zoom(0.7),
  '=': ({ handle }) => handle.current?.zoom(0.7),
  w: ({ handle }) => handle.current?.zoom(0.7),
  '-': ({ handle }) => handle.current?.zoom(1 / 0.7),
  s: ({ handle }) => handle.current?.zoom(1 / 0.7),
  a: ({ handle }) => handle.current?.pan(-0.2),
  d: ({ handle }) => handle.current?.pan(0.2),
  '0': ({ handle }) => handle.current?.reset(),
  ArrowUp: ({ handle }) => handle.current?.move('up'),
  ArrowDown: ({ handle }) => handle.current?.move('down'),
  ArrowLeft: ({ handle }) => handle.current?.move('left'),
  ArrowRight: ({ handle }) => handle.current?.move('right'),
  '1': ({ showView }) => showView('weight'),
  '2': ({ showView }) => showView('time'),
  '3': ({ showView }) => showView('before'),
  t: ({ nextThread }) => nextThread(1),
  T: ({ nextThread }) => nextThread(-1),
  l: ({ toggleDark }) => toggleDark(),
  '?': ({ toggleHelp }) => toggleHelp(),
}
