// The threads of a profile, and asyncio tasks in their place.

import type { ProfileThread } from '../profile.js'

/** The threads of a profile; those that have got a name since they were last handed on are handed on again. */
export class ThreadTable {
  readonly threads: ProfileThread[] = []
  readonly changed = new Set<number>()

  add(thread: ProfileThread): number {
    this.changed.add(this.threads.length)
    return this.threads.push(thread) - 1
  }

  rename(index: number, name: string): void {
    const thread = this.threads[index] as ProfileThread
    if (thread.name === name) return
    this.threads[index] = { ...thread, name }
    this.changed.add(index)
  }
}
