// Directories that last as long as a test. Nothing is ever mounted below them outside of a namespace of its own.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

export function temporaryDirectory(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'rt-'))
  onTestFinished(() => fs.rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The rendezvous directories of one client: when it has ended there should be none. */
export function rendezvousDirectoriesOf(pid: number | undefined): string[] {
  return ['/dev/shm', '/tmp', '/var/tmp', '/run'].flatMap((place) => {
    const names = fs.readdirSync(place).filter((name) => name.startsWith(`remora-${pid}-`))
    return names.map((name) => path.join(place, name))
  })
}
