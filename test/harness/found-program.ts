// Programs that a test would like to have and that not every machine has. What is missing is said, loudly.

import fs from 'node:fs'
import path from 'node:path'

/** The first of these that is found, in `PATH` if it is no whole path itself, or what the environment variable `variable` names. */
export function findProgram(names: readonly string[], variable?: string): string | undefined {
  const named = variable === undefined ? undefined : process.env[variable]
  if (named !== undefined) return named
  const places = (process.env.PATH ?? '').split(path.delimiter)
  const found = names.flatMap((name) => places.map((place) => path.resolve(place, name))).find(isExecutable)
  if (found === undefined) {
    const hint = variable === undefined ? '' : `; ${variable} can name one`
    console.warn(`SKIPPED: there is no ${names.join(', ')} on this machine${hint}`)
  }
  return found
}

/** Chromium, or a browser of its family. */
export function findBrowser(): string | undefined {
  return findProgram(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'], 'CHROMIUM')
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return true
  } catch {
    return false
  }
}
