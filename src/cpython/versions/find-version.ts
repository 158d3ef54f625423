// Which versions are known, and what to say of the others. The only place that compares versions.

import * as modules from './index.js'
import type { VersionModule } from './version-module.js'

const known: ReadonlyMap<string, VersionModule> = new Map(
  Object.values<VersionModule>(modules)
    .toSorted((a, b) => compare(a.name, b.name))
    .map((module) => [module.name, module]),
)

/** The names of all known versions, the oldest first: `3.14`. */
export const supportedVersions: readonly string[] = [...known.keys()]

/** The module of the version called `name` (`3.14`), if there is one. */
export function findVersion(name: string): VersionModule | undefined {
  return known.get(name)
}

/** Whether `version` (`3.11`, `3.11.4`, `2.7`) is older than all that are known. */
export function isTooOld(version: string): boolean {
  const [oldest] = supportedVersions
  return oldest !== undefined && compare(version, oldest) < 0
}

/** `3.11` of `3.11.4`. */
export function nameOf(version: string): string {
  return parse(version).join('.')
}

function compare(a: string, b: string): number {
  const [[majorA, minorA], [majorB, minorB]] = [parse(a), parse(b)]
  return majorA - majorB || minorA - minorB
}

function parse(version: string): readonly [major: number, minor: number] {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return [major, minor]
}
