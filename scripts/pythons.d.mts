// What the tests import from the set-up.

export interface FoundPython {
  name: string
  path: string
  version: string
  debug: boolean
  freeThreaded: boolean
  source: string
}

export function findPythons(): FoundPython[]
