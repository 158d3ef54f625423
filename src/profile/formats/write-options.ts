// What the writers of all formats are told besides the profile.

import type { Profile } from '../profile.js'

export interface WriteOptions {
  /** An older profile to compare with. */
  readonly old?: Profile
  /** The text of a source file as the program had it, if it can be had. */
  readonly readSource?: (file: string) => string | undefined
}
