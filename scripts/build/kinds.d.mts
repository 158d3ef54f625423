import type { AGENTS, MESSAGES, PROTOCOL } from '../../src/inject/protocol.js'

export interface Protocol {
  AGENTS: typeof AGENTS
  MESSAGES: typeof MESSAGES
  PROTOCOL: typeof PROTOCOL
}

export function readProtocol(): Promise<Protocol>
export function toKinds(protocol: Protocol): Record<string, string>
export function toKindsFile(protocol: Protocol): string
export function writeKindsFile(protocol: Protocol): void
export function toCapitals(name: string): string
