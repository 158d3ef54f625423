// The whole page: what is chosen stands here, everything else is shown from it.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { buildCallTree, costsOfFunctions, samplesWith } from './call-tree.js'
import { FlameGraph, type FlameHandle } from './flame-graph.js'
import { flameStyle } from './flame-style.js'
import { Help } from './help.js'
import { useKeys } from './keys.js'
import { layOutByTime, layOutByWeight } from './layout.js'
import { Panel } from './panel.js'
import type { ProfileModel, ThreadChoice } from './profile-model.js'
import { Toolbar } from './toolbar.js'
import type { View } from './view.js'

const darkScheme = window.matchMedia('(prefers-color-scheme: dark)')

export function App({ model }: { model: ProfileModel }) {
  const [view, setView] = useState<View>('weight')
  const [choice, setChoice] = useState<ThreadChoice>('all')
  const [query, setQuery] = useState('')
  const [selected, setSelected] = useState<number>()
  const [help, setHelp] = useState(false)
  const [dark, setDark] = useDarkMode()
  const handle = useRef<FlameHandle>(null)
  const search = useRef<HTMLInputElement>(null)

  const tree = useMemo(() => buildCallTree(model, choice), [model, choice])
  const costs = useMemo(() => costsOfFunctions(tree), [tree])
  const layout = useMemo(
    () => (view === 'time' ? layOutByTime(model, choice) : layOutByWeight(tree, view === 'before')),
    [model, tree, view, choice],
  )
  const matches = useMemo(() => findMatches(model, query), [model, query])
  const style = useMemo(
    () => flameStyle({ model, tree, layout, matches, selected, dark }),
    [model, tree, layout, matches, selected, dark],
  )
  const changeChoice = (next: ThreadChoice): void => {
    setChoice(next)
    setSelected(undefined)
  }
  useKeys({
    handle,
    search,
    close: () => {
      setHelp(false)
      setQuery('')
      setSelected(undefined)
    },
    toggleHelp: () => setHelp((shown) => !shown),
    toggleDark: () => setDark(!dark),
    showView: (next) => (next === 'before' && model.oldTotals === undefined ? undefined : setView(next)),
    nextThread: (step) => changeChoice(neighbour(model, choice, step)),
  })

  const matched = matches === undefined ? undefined : samplesWith(tree, matches)
  return (
    <div class="page">
      <Toolbar
        {...{ model, view, setView, choice, dark, setDark, query, setQuery, search }}
        setChoice={changeChoice}
        matched={matched === undefined ? undefined : matched / Math.max(1, tree.now.total[0] as number)}
        showHelp={() => setHelp(true)}
      />
      <main>
        <FlameGraph ref={handle} {...{ model, tree, layout, style, setSelected }} />
        <Panel
          {...{ model, tree, costs, choice, matches, selected, setSelected }}
          zoom={(id) => handle.current?.zoomToFunction(id)}
        />
      </main>
      {help ? <Help close={() => setHelp(false)} /> : null}
    </div>
  )
}

function useDarkMode(): [boolean, (dark: boolean) => void] {
  const [dark, setDark] = useState(darkScheme.matches)
  useEffect(() => {
    const follow = (): void => setDark(darkScheme.matches)
    darkScheme.addEventListener('change', follow)
    return () => darkScheme.removeEventListener('change', follow)
  }, [])
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  }, [dark])
  return [dark, setDark]
}

/** The functions that a search finds: all of its words, in the name or the file. */
function findMatches({ functions }: ProfileModel, query: string): ReadonlySet<number> | undefined {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return undefined
  const found = new Set<number>()
  for (const [id, { name, file }] of functions.entries()) {
    const text = `${name} ${file}`.toLowerCase()
    if (words.every((word) => text.includes(word))) found.add(id)
  }
  return found
}

function neighbour({ threads }: ProfileModel, choice: ThreadChoice, step: number): ThreadChoice {
  const places = threads.length + 1
  const at = choice === 'all' ? 0 : choice + 1
  const next = (at + step + places) % places
  return next === 0 ? 'all' : next - 1
}
