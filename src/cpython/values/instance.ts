import type { Address } from '../../memory/remote-memory.js'
import type { ClassInfo } from '../objects/classes.js'

/** An object and its class. */
export interface Instance {
  readonly address: Address
  readonly class: ClassInfo
}
