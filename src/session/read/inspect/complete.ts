// How a path that is being typed could go on: whole paths, so that who completes need not know the grammar.

import { RemoraError } from '../../../errors/remora-error.js'
import { listThreads } from '../../activity/threads.js'
import { parsePath } from './parse-path.js'
import type { Place } from './place.js'
import { findStarts, readGlobalsOfMain, readModules, rootKinds } from './roots.js'
import { type Look, toWord } from './start.js'
import { listTaskRoots } from './task-root.js'
import { listSteps, walk } from './walk.js'

/** Where the step that is being typed begins: behind all that is complete. */
const OPEN_STEP = /(?:\.[\p{L}\p{N}_]*|\[(?:[^\]"']|"[^"]*"?|'[^']*'?)*)$/u

/** Paths that begin with `text`, at most a few hundred; none where the part before the open step leads nowhere. */
export function completePath(look: Look, text: string): string[] {
  const open = OPEN_STEP.exec(text)
  if (open === null || open.index === 0) return completeRoot(look, text)
  const before = text.slice(0, open.index)
  const typed = open[0]
  const modules = [...readModules(look).keys()].filter((name) => name.startsWith(text))
  const steps = findPlaces(look, before).flatMap((place) => listSteps(look.reader, place))
  const shown = steps.filter((step) => step.startsWith(typed) && (typed.includes('__') || !/^\.__.*__$/.test(step)))
  return [...new Set([...shown.map((step) => before + step), ...modules])]
}

function completeRoot(look: Look, text: string): string[] {
  if (text.startsWith('@')) {
    const threads = listThreads(look.opened)
    const names = threads.map(({ main, info }) => (main ? '@main' : `@${toWord(info.name)}`))
    return [...names, ...listTaskRoots(look)].filter((name) => name.startsWith(text))
  }
  const names = [...readGlobalsOfMain(look).map(({ name }) => name), ...readModules(look).keys()]
  return [...new Set(names)].filter((name) => name.startsWith(text) && (text !== '' || !name.startsWith('_')))
}

function findPlaces(look: Look, text: string): Place[] {
  try {
    const path = parsePath(text, rootKinds)
    return findStarts(look, path).flatMap((start) => unlessLost(() => walk(look.reader, start)) ?? [])
  } catch (error) {
    if (isLost(error)) return []
    throw error
  }
}

function unlessLost<T>(find: () => T): T | undefined {
  try {
    return find()
  } catch (error) {
    if (isLost(error)) return undefined
    throw error
  }
}

function isLost(error: unknown): boolean {
  const codes = ['PATH_INVALID', 'PATH_NOT_FOUND', 'THREAD_NOT_FOUND', 'TASK_NOT_FOUND']
  return error instanceof RemoraError && codes.includes(error.code)
}
